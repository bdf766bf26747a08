#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sift/export.h>
#include <sift/stateful.h>

namespace sift {

/// One entry of the log: keys in the order of transformers (loss, grad_norm, learning_rate, metrics, epoch).
struct LogEntry {
  std::int64_t step = 0;
  std::vector<std::pair<std::string, double>> values;

  const double* find(const std::string& key) const;  ///< nullptr where the entry has no such key
};

/// Where the run stands. Callbacks read it; only the loop writes.
struct TrainerState {
  std::int64_t global_step = 0;  ///< finished optimizer steps
  std::int64_t max_steps = 0;    ///< optimizer steps of the whole run
  std::int64_t num_train_epochs = 0;
  double epoch = 0.0;
  std::int64_t num_tokens = 0;  ///< tokens trained on, all documents counted whole
  double learning_rate = 0.0;   ///< of the step that is running or has just finished
  std::vector<LogEntry> log_history;
  /// The best value of the metric for the best model so far; an evaluation updates it after on_evaluate.
  std::optional<double> best_metric;
  std::int64_t best_global_step = 0;            ///< where that was; 0: nowhere yet
  std::filesystem::path best_model_checkpoint;  ///< the best checkpoint that is there; empty: none
};

/// What callbacks ask of the loop. The loop acts after on_step_end (and on_epoch_end), in the order log,
/// evaluate, save, and clears each flag when it has acted.
struct TrainerControl {
  bool should_log = false;
  bool should_evaluate = false;
  bool should_save = false;
  bool should_training_stop = false;
};

/// When a run evaluates and what it takes for its best model, from [train].
struct EvaluationPlan {
  std::string strategy = "no";  ///< "no", "steps" or "epoch"
  std::string
      metric_for_best_model;  ///< as the log has it, "eval_loss"; empty: no best model is kept track of
  bool greater_is_better = false;
  bool load_best_model_at_end = false;
};

/// What every event gets. References stay valid for the whole run.
struct CallbackContext {
  const TrainerState& state;
  TrainerControl& control;
  std::filesystem::path output_dir;
  std::filesystem::path resumed_from;  ///< empty when the run started fresh
  std::string config;                  ///< the whole effective configuration as TOML
  EvaluationPlan evaluation = {};
};

/// Something that happens beside training: logging, saving, early stopping. Override what you need. Events
/// come on the thread of the loop, callbacks in the order of the configuration.
class SIFT_API Callback : public Stateful {
 public:
  ~Callback() override;
  virtual void on_train_begin(CallbackContext&) {}
  virtual void on_epoch_begin(CallbackContext&) {}
  virtual void on_step_begin(CallbackContext&) {}
  /// Gradients are clipped, weights are not updated yet. The learning rate may be changed for this step.
  virtual void on_pre_optimizer_step(CallbackContext&, double& /*learning_rate*/) {}
  virtual void on_step_end(CallbackContext&) {}
  virtual void on_epoch_end(CallbackContext&) {}
  /// An entry was added to the log: of training, of an evaluation or the summary at the end.
  virtual void on_log(CallbackContext&, const LogEntry&) {}
  /// An evaluation has ended; on_log has had its entry already.
  virtual void on_evaluate(CallbackContext&, const LogEntry&) {}
  /// A whole checkpoint stands at `folder`; of an earlier step than `state`, if it was written meanwhile.
  virtual void on_save(CallbackContext&, const std::filesystem::path& /*folder*/) {}
  virtual void on_train_end(CallbackContext&) {}
};

/// A number of steps as transformers reads it: below 1 it is a part of `max_steps`, rounded up.
std::int64_t resolve_steps(double steps_or_ratio, std::int64_t max_steps);

}  // namespace sift
