#include "train/train_log.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace sift {
namespace {

double rounded(double value, double digits) {
  return std::round(value * digits) / digits;
}

/// A window in which no update happened has no loss.
double window_loss(const Progress& progress) {
  if (progress.steps_since_log == 0 && progress.nonfinite_since_log > 0)
    return std::numeric_limits<double>::quiet_NaN();
  return progress.loss_since_log / static_cast<double>(std::max<std::int64_t>(1, progress.steps_since_log));
}

}  // namespace

LogEntry end_log_window(Progress& progress) {
  const TrainerState& state = progress.state;
  LogEntry entry;
  entry.values = {{"loss", window_loss(progress)},
                  {"grad_norm", progress.grad_norm},
                  {"learning_rate", state.learning_rate}};
  for (auto& mean : progress.window.means()) entry.values.push_back(std::move(mean));
  entry.values.emplace_back("num_tokens", static_cast<double>(state.num_tokens));
  if (progress.nonfinite_since_log > 0)
    entry.values.emplace_back("nonfinite_steps", static_cast<double>(progress.nonfinite_since_log));
  progress.total_loss += progress.loss_since_log;
  progress.total_loss_steps += progress.steps_since_log;
  progress.loss_since_log = 0.0;
  progress.steps_since_log = 0;
  progress.nonfinite_since_log = 0;
  progress.last_logged_step = state.global_step;
  progress.window.clear();
  return entry;
}

double training_loss(const Progress& progress) {
  const auto steps = std::max<std::int64_t>(1, progress.total_loss_steps + progress.steps_since_log);
  return (progress.total_loss + progress.loss_since_log) / static_cast<double>(steps);
}

LogEntry summary_entry(Progress& progress, const TrainOptions& options, const RunLength& length) {
  const auto steps_run = static_cast<double>(progress.state.global_step - length.first_step);
  const auto max_steps = static_cast<double>(length.max_steps);
  // transformers counts the samples of the plan, not those of the last, smaller batches
  const double samples = options.max_steps > 0
                             ? max_steps * static_cast<double>(options.per_device_train_batch_size *
                                                               options.gradient_accumulation_steps)
                             : static_cast<double>(length.num_rows) * options.num_train_epochs;
  LogEntry entry;
  entry.values = {
      {"train_runtime", rounded(length.seconds, 1e4)},
      {"train_samples_per_second", rounded(samples * steps_run / max_steps / length.seconds, 1e3)},
      {"train_steps_per_second", rounded(steps_run / length.seconds, 1e3)},
      {"total_flos", progress.total_flos},
      {"train_loss", training_loss(progress)}};
  for (auto& mean : progress.window.means()) entry.values.push_back(std::move(mean));
  return entry;
}

}  // namespace sift
