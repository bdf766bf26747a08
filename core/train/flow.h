#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/progress.h"
#include "data/update_batches.h"
#include "parallel/parallel.h"
#include "train/hooks.h"
#include "train/run_log.h"

namespace sift {

/// Decides between two steps: whether to log, evaluate, save or stop, as [train] schedules it or a callback
/// asks for it, when an epoch ends, and how to react to a signal.
class Flow {
 public:
  struct Options {
    std::string logging_strategy = "steps";  ///< "no", "steps" or "epoch"
    std::int64_t logging_steps = 10;         ///< for "steps"
    bool logging_first_step = false;
    std::string eval_strategy = "no";  ///< "no", "steps" or "epoch"
    std::int64_t eval_steps = 10;      ///< for "steps"
    double eval_delay = 0.0;           ///< steps or epochs before the first evaluation
    std::string save_strategy = "no";  ///< "no", "steps", "epoch" or "best"
    std::int64_t save_steps = 500;     ///< for "steps"
  };
  /// The actions it delegates.
  struct Actions {
    /// The values of an evaluation; empty where the run has no evaluation data.
    std::function<std::vector<std::pair<std::string, double>>()> evaluate;
    /// Adapts the learning rate to an evaluation; may be empty.
    std::function<void(const LogEntry&)> adapt;
    std::function<void()> save;
    /// Handles the outcome of a finished save.
    std::function<void()> poll_save;
  };
  /// `progress`, `hooks`, `log` and `parallel` belong to the run and outlive this.
  Flow(const Options& options, Progress& progress, Hooks& hooks, RunLog& log, Parallel& parallel,
       Actions actions);

  void evaluate();
  /// The pending work of the interrupted run at the step it resumes from.
  void catch_up();
  /// After each step.
  void act(const UpdateBatches& update);

  bool goes_on() const;
  /// The signal that ends the run early, with a checkpoint to resume from; 0: none.
  int stop_signal() const { return stop_signal_; }

 private:
  void request_due();
  /// The requests of the main process' callbacks, and a signal to any process, hold for all processes.
  void agree();
  bool stops() const;
  void act_on_control();
  /// Unlike the evaluation before the first step, it selects the best model and adapts the learning rate.
  void evaluate_in_turn();
  void heed_stop_signal();
  void end_epoch();

  Options options_;
  Progress& progress_;
  Hooks& hooks_;
  RunLog& log_;
  Parallel& parallel_;
  Actions actions_;
  int received_ = 0;          ///< the signal of any process
  bool agreed_stop_ = false;  ///< should_training_stop, of several processes
  int stop_signal_ = 0;
};

}  // namespace sift
