#include "train/nonfinite.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "api/error.h"

namespace sift {
namespace {

constexpr std::size_t kMostRows = 16;
constexpr std::size_t kMostTokens = 16;

std::string row_numbers(const std::vector<std::int64_t>& rows) {
  const std::size_t shown = std::min(rows.size(), kMostRows);
  std::string text =
      fmt::format("{}", fmt::join(rows.begin(), rows.begin() + static_cast<long>(shown), ", "));
  if (shown < rows.size()) text += fmt::format(" and {} more", rows.size() - shown);
  return text;
}

std::string beginning_of(const TokenDataset& data, std::int64_t row, const Tokenizer& tokenizer) {
  const auto ids = data.input_ids(row);
  std::string text = tokenizer.decode(ids.first(std::min(ids.size(), kMostTokens)), false);
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' '; }, ' ');
  return text;
}

constexpr const char* kAdvice =
    "look at these rows (sift inspect), and try a lower learning_rate, a longer warmup_steps, a smaller "
    "max_grad_norm, or dtype = \"float32\"; then --resume";

}  // namespace

std::string describe_nonfinite(const NonfiniteStep& step, const TokenDataset& data,
                               const Tokenizer& tokenizer) {
  const std::string what = std::isfinite(step.loss) ? fmt::format("the gradient's norm is {}", step.grad_norm)
                                                    : fmt::format("the loss is {}", step.loss);
  if (step.rows.empty()) return fmt::format("step {}: {}", step.step, what);
  return fmt::format(
      "step {}: {} (rows {} of the prepared training data, counted from 0; row {} begins '{}')", step.step,
      what, row_numbers(step.rows), step.rows.front(), beginning_of(data, step.rows.front(), tokenizer));
}

void count_nonfinite(const std::string& description, const TrainOptions& options, Progress& progress) {
  if (options.on_nonfinite == "stop") {
    throw Error(fmt::format("{}: the run ends here, as on_nonfinite = \"stop\" in [train] says; {}",
                            description, kAdvice));
  }
  ++progress.nonfinite_since_log;
  ++progress.nonfinite_in_a_row;
  const std::int64_t most = options.max_nonfinite_steps;
  if (most == 0 || progress.nonfinite_in_a_row < most) return;
  throw Error(
      fmt::format("{}: that is step {} in a row without an update (max_nonfinite_steps in [train]), "
                  "so the run ends here; {}",
                  description, progress.nonfinite_in_a_row, kAdvice));
}

}  // namespace sift
