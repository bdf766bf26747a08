#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/progress.h"
#include "train/hooks.h"
#include "train/train_step.h"

namespace sift {

/// The log of a run: accumulates the results of the steps into entries with transformers' keys.
class RunLog {
 public:
  struct Options {
    double num_samples = 0.0;           ///< rows of the whole run, as transformers plans them
    std::int64_t flops_parameters = 0;  ///< parameters counted in total_flos: those outside the embedding
    /// Steps whose results may stay on the device before they are read.
    std::int64_t max_unread_steps = 1;
    bool includes_input_tokens = false;  ///< log num_input_tokens_seen
  };
  /// Called with the result of a step that is not finite, when it is read.
  using OnNonfinite = std::function<void(const StepResult&)>;
  /// `progress` and `hooks` belong to the run and outlive this.
  RunLog(Progress& progress, Hooks& hooks, const Options& options, OnNonfinite on_nonfinite = {})
      : progress_(progress), hooks_(hooks), options_(options), on_nonfinite_(std::move(on_nonfinite)) {}

  /// Begins to measure time, after a resumed run has its progress back.
  void start();
  /// Since the start.
  double seconds() const;
  /// The tokens of a step, whether or not it changes the weights.
  void count(const StepResult& result);
  /// Loss, norm and metrics of a step. They are read from the device later: by the next log entry, or by
  /// read_steps().
  void add(StepResult result);
  /// Reads the results of all steps so far into the progress. Needed before the progress is saved.
  void read_steps();

  /// Ends the log window: one entry with the means since the last entry, if a step has finished since.
  void log();
  /// Adds the entry of an evaluation; returns it as stored in the history.
  const LogEntry& log_evaluation(std::vector<std::pair<std::string, double>> values);
  /// The entry at the end of a run, which took `seconds` from step `first_step` on: transformers'
  /// speed_metrics.
  const LogEntry& log_summary(double seconds, std::int64_t first_step);

  /// The mean loss over all steps of the run that have been read.
  double training_loss() const;

 private:
  void read(const StepResult& result);
  enum class Speed { kNone, kOfTokens };
  const LogEntry& append(LogEntry entry, Speed speed = Speed::kNone);
  LogEntry end_window();
  void add_speed(LogEntry& entry) const;

  Progress& progress_;
  Hooks& hooks_;
  Options options_;
  OnNonfinite on_nonfinite_;
  std::vector<StepResult> unread_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::int64_t input_tokens_before_ = 0;  ///< num_input_tokens_seen at the start
};

}  // namespace sift
