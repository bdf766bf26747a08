#include "train/nonfinite.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <sift/error.h>
#include "data/row_source.h"

namespace sift {
namespace {

constexpr std::size_t kMostRows = 16;
constexpr std::size_t kMostTokens = 16;

/// Locations of the rows in the data files, without duplicates: a packed row contains several rows or parts
/// of them.
std::string places_of(const std::vector<std::int64_t>& rows, const PreparedData& data) {
  std::vector<std::string> places;
  for (const std::int64_t row : rows) {
    for (const auto& [end, origin] : data.dataset.excerpts(row)) {
      std::string place = place_of_row(data.files.at(origin.file), origin.line);
      if (std::ranges::find(places, place) == places.end()) places.push_back(std::move(place));
    }
  }
  const std::size_t shown = std::min(places.size(), kMostRows);
  std::string text =
      fmt::format("{}", fmt::join(places.begin(), places.begin() + static_cast<long>(shown), ", "));
  if (shown < places.size()) text += fmt::format(" and {} more", places.size() - shown);
  return text;
}

std::string beginning_of(const TokenDataset& data, std::int64_t row, const Tokenizer& tokenizer) {
  const auto ids = data.input_ids(row);
  std::string text = tokenizer.decode(ids.first(std::min(ids.size(), kMostTokens)), false);
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' '; }, ' ');
  return text;
}

/// The rows of the micro-batches whose loss is not finite, or all rows if none is.
std::vector<std::int64_t> nonfinite_rows(const StepResult& result) {
  std::vector<std::int64_t> all, nonfinite;
  for (const MicroBatchResult& micro_batch : result.micro_batches) {
    const auto& rows = micro_batch.rows;
    all.insert(all.end(), rows.begin(), rows.end());
    if (!std::isfinite(micro_batch.loss.item().toDouble()))
      nonfinite.insert(nonfinite.end(), rows.begin(), rows.end());
  }
  return nonfinite.empty() ? all : nonfinite;
}

constexpr const char* kAdvice =
    "look at these rows (sift inspect), and try a lower learning_rate, a longer warmup_steps, a smaller "
    "max_grad_norm, or dtype = \"float32\"; then --resume";

}  // namespace

std::string describe_nonfinite(const StepResult& result, const PreparedData& data,
                               const Tokenizer& tokenizer) {
  const double loss = result.loss.item().toDouble();
  const std::string what = std::isfinite(loss)
                               ? fmt::format("the gradient's norm is {}", result.norm.item().toDouble())
                               : fmt::format("the loss is {}", loss);
  const auto rows = nonfinite_rows(result);
  if (rows.empty()) return fmt::format("step {}: {}", result.step, what);
  return fmt::format("step {}: {} in {}; the first row begins '{}'", result.step, what, places_of(rows, data),
                     beginning_of(data.dataset, rows.front(), tokenizer));
}

void count_nonfinite(const std::string& description, const TrainOptions& options, Progress& progress) {
  if (options.on_nonfinite == "stop") {
    throw Error(fmt::format("{}: the run stops because on_nonfinite = \"stop\" in [train]; {}", description,
                            kAdvice));
  }
  ++progress.nonfinite_since_log;
  ++progress.nonfinite_in_a_row;
  const std::int64_t most = options.max_nonfinite_steps;
  if (most == 0 || progress.nonfinite_in_a_row < most) return;
  throw Error(
      fmt::format("{}: that is step {} in a row without an update (max_nonfinite_steps in [train]), "
                  "so the run stops; {}",
                  description, progress.nonfinite_in_a_row, kAdvice));
}

}  // namespace sift
