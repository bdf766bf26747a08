#include "train/run_log.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/log_level.h"

namespace sift {
namespace {

double rounded(double value, double digits) {
  return std::round(value * digits) / digits;
}

/// A window without an update has no loss.
double window_loss(const Progress& progress) {
  if (progress.steps_since_log == 0 && progress.nonfinite_since_log > 0)
    return std::numeric_limits<double>::quiet_NaN();
  return progress.loss_since_log / static_cast<double>(std::max<std::int64_t>(1, progress.steps_since_log));
}

}  // namespace

void RunLog::start() {
  start_ = std::chrono::steady_clock::now();
  input_tokens_before_ = progress_.num_input_tokens_seen;
}

double RunLog::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void RunLog::count(const StepResult& result) {
  for (const std::int64_t num_tokens : result.num_tokens) {
    progress_.state.num_tokens += num_tokens;
    if (options_.includes_input_tokens) progress_.num_input_tokens_seen += num_tokens;
    progress_.total_flos +=
        6.0 * static_cast<double>(num_tokens) * static_cast<double>(options_.flops_parameters);
  }
}

void RunLog::add(StepResult result) {
  unread_.push_back(std::move(result));
  if (static_cast<std::int64_t>(unread_.size()) >= options_.max_unread_steps) read_steps();
}

void RunLog::read_steps() {
  const std::vector<StepResult> results = std::exchange(unread_, {});
  for (const StepResult& result : results) read(result);
}

void RunLog::read(const StepResult& result) {
  if (result.found_inf.item().toBool()) {
    if (on_nonfinite_) on_nonfinite_(result);
    return;
  }
  progress_.window.add(result.metrics);
  progress_.grad_norm = result.norm.item().toDouble();
  progress_.loss_since_log = static_cast<float>(progress_.loss_since_log) + result.loss.item().toFloat();
  ++progress_.steps_since_log;
  progress_.nonfinite_in_a_row = 0;
}

LogEntry RunLog::end_window() {
  const TrainerState& state = progress_.state;
  LogEntry entry;
  entry.values = {{"loss", window_loss(progress_)},
                  {"grad_norm", progress_.grad_norm},
                  {"learning_rate", state.learning_rate}};
  for (auto& mean : progress_.window.means()) entry.values.push_back(std::move(mean));
  entry.values.emplace_back("num_tokens", static_cast<double>(state.num_tokens));
  if (progress_.nonfinite_since_log > 0)
    entry.values.emplace_back("nonfinite_steps", static_cast<double>(progress_.nonfinite_since_log));
  progress_.total_loss += progress_.loss_since_log;
  progress_.total_loss_steps += progress_.steps_since_log;
  progress_.loss_since_log = 0.0;
  progress_.steps_since_log = 0;
  progress_.nonfinite_since_log = 0;
  progress_.last_logged_step = state.global_step;
  progress_.window.clear();
  return entry;
}

// Trainer.log of transformers
const LogEntry& RunLog::append(LogEntry entry, Speed speed) {
  TrainerState& state = progress_.state;
  entry.step = state.global_step;
  entry.values.emplace_back("epoch", state.epoch);
  if (options_.includes_input_tokens) {
    entry.values.emplace_back("num_input_tokens_seen", static_cast<double>(progress_.num_input_tokens_seen));
    if (speed == Speed::kOfTokens) add_speed(entry);
  }
  state.log_history.push_back(entry);
  const LogLevelScope shows_curve(LogLevel::kAll);
  hooks_.fire(&Callback::on_log, entry);
  return state.log_history.back();
}

void RunLog::add_speed(LogEntry& entry) const {
  const double elapsed = seconds();
  const auto tokens = static_cast<double>(progress_.num_input_tokens_seen - input_tokens_before_);
  entry.values.emplace_back("train_runtime", rounded(elapsed, 1e4));
  entry.values.emplace_back("train_tokens_per_second", rounded(tokens / elapsed, 1e3));
}

void RunLog::log() {
  read_steps();
  if (progress_.state.global_step > progress_.last_logged_step) append(end_window(), Speed::kOfTokens);
}

const LogEntry& RunLog::log_evaluation(std::vector<std::pair<std::string, double>> values) {
  LogEntry entry;
  entry.values = std::move(values);
  entry.values.emplace_back("eval_num_tokens", static_cast<double>(progress_.state.num_tokens));
  return append(std::move(entry));
}

const LogEntry& RunLog::log_summary(double seconds, std::int64_t first_step) {
  read_steps();
  const auto steps_run = static_cast<double>(progress_.state.global_step - first_step);
  const auto max_steps = static_cast<double>(progress_.state.max_steps);
  LogEntry entry;
  entry.values = {
      {"train_runtime", rounded(seconds, 1e4)},
      {"train_samples_per_second", rounded(options_.num_samples * steps_run / max_steps / seconds, 1e3)},
      {"train_steps_per_second", rounded(steps_run / seconds, 1e3)},
      {"total_flos", progress_.total_flos},
      {"train_loss", training_loss()}};
  for (auto& mean : progress_.window.means()) entry.values.push_back(std::move(mean));
  return append(std::move(entry));
}

double RunLog::training_loss() const {
  const auto steps = std::max<std::int64_t>(1, progress_.total_loss_steps + progress_.steps_since_log);
  return (progress_.total_loss + progress_.loss_since_log) / static_cast<double>(steps);
}

}  // namespace sift
