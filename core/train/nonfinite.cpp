#include "train/nonfinite.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
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

struct StepRows {
  std::vector<std::int64_t> all, nonfinite;  ///< of the micro-batches whose loss is not finite
};

StepRows rows_of(const StepResult& result) {
  StepRows found;
  for (const MicroBatchResult& micro_batch : result.micro_batches) {
    const auto& rows = micro_batch.rows;
    found.all.insert(found.all.end(), rows.begin(), rows.end());
    if (!std::isfinite(micro_batch.loss.item().toDouble()))
      found.nonfinite.insert(found.nonfinite.end(), rows.begin(), rows.end());
  }
  return found;
}

/// The rows of each rank: those of micro-batches whose loss is not finite, or all if no rank has any.
std::vector<std::vector<std::int64_t>> rows_of_ranks(const StepResult& result, Parallel& parallel) {
  const StepRows own = rows_of(result);
  const nlohmann::json text = {own.all, own.nonfinite};
  std::vector<std::vector<std::int64_t>> all, nonfinite;
  bool any = false;
  for (const std::string& of_rank : parallel.gathered(text.dump())) {
    const auto rows = nlohmann::json::parse(of_rank);
    all.push_back(rows[0]);
    nonfinite.push_back(rows[1]);
    any = any || !nonfinite.back().empty();
  }
  return any ? nonfinite : all;
}

std::string describe_rows(const std::vector<std::vector<std::int64_t>>& ranks, const PreparedData& data,
                          const Tokenizer& tokenizer) {
  std::string text;
  for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
    const auto& rows = ranks[rank];
    if (rows.empty()) continue;
    const std::string who = ranks.size() > 1 ? fmt::format(" (rank {})", rank) : "";
    text += fmt::format("{} in {}{}; the first row begins '{}'", text.empty() ? "" : ", and",
                        places_of(rows, data), who, beginning_of(data.dataset, rows.front(), tokenizer));
  }
  return text;
}

constexpr const char* kAdvice =
    "look at these rows (sift inspect), and try a lower learning_rate, a longer warmup_steps, a smaller "
    "max_grad_norm, or dtype = \"float32\"; then --resume";

}  // namespace

std::string describe_nonfinite(const StepResult& result, const PreparedData& data, const Tokenizer& tokenizer,
                               Parallel& parallel) {
  const double loss = result.loss.item().toDouble();
  const std::string what = std::isfinite(loss)
                               ? fmt::format("the gradient's norm is {}", result.norm.item().toDouble())
                               : fmt::format("the loss is {}", loss);
  const std::string rows = describe_rows(rows_of_ranks(result, parallel), data, tokenizer);
  return fmt::format("step {}: {}{}", result.step, what, rows);
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
