#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sift/export.h>
#include <sift/stateful.h>
#include <sift/tensors.h>

namespace sift {

/// One log entry. Keys are in the order that transformers uses: loss, grad_norm, learning_rate, metrics,
/// epoch.
struct LogEntry {
  std::int64_t step = 0;
  std::vector<std::pair<std::string, double>> values;

  /// nullptr if the entry has no such key.
  const double* find(const std::string& key) const;
};

/// The progress of the run. Read-only for callbacks; only the training loop modifies it.
struct TrainerState {
  /// Completed optimizer steps.
  std::int64_t global_step = 0;
  /// Optimizer steps of the whole run.
  std::int64_t max_steps = 0;
  std::int64_t num_train_epochs = 0;
  double epoch = 0.0;
  /// Tokens processed in training, scored or not.
  std::int64_t num_tokens = 0;
  /// Learning rate of the current or most recently completed step.
  double learning_rate = 0.0;
  std::vector<LogEntry> log_history;
  /// Best value of metric_for_best_model so far. Updated after on_evaluate has returned.
  std::optional<double> best_metric;
  /// Step of best_metric; 0 before the first evaluation.
  std::int64_t best_global_step = 0;
  /// The best existing checkpoint; empty if none.
  std::filesystem::path best_model_checkpoint;
};

/// Requests of the callbacks to the training loop. The loop serves them after on_step_end (and on_epoch_end),
/// in the order log, evaluate, save, and then clears each of these three flags.
struct TrainerControl {
  bool should_log = false;
  bool should_evaluate = false;
  bool should_save = false;
  bool should_training_stop = false;
};

/// When the run evaluates and how it selects the best model; from [train].
struct EvaluationPlan {
  /// "no", "steps" or "epoch".
  std::string strategy = "no";
  /// Key in the log, e.g. "eval_loss"; empty: the best model is not tracked.
  std::string metric_for_best_model;
  bool greater_is_better = false;
  bool load_best_model_at_end = false;
};

/// The arguments of a generation.
struct GenerationRequest {
  std::string prompt;
  /// System message; empty: none.
  std::string system;
  /// The prompt is continued as is, without the chat template.
  bool raw = false;
  std::int64_t max_new_tokens = 128;
};

/// The model of a run. Events may call it; nothing here changes the run.
class SIFT_API RunModel {
 public:
  virtual ~RunModel();
  /// The trained parameters, in the order of the model, shared with it: read them, and clone what must keep
  /// its value.
  virtual const std::vector<NamedTensor>& parameters() const = 0;
  /// The greedy answer of the model as it is now, without the stop token, as `sift generate` prints it.
  /// Throws Error if the prompt is empty.
  virtual std::string generate(const GenerationRequest& request) const = 0;
  /// Writes a model folder that transformers loads: config, tokenizer and weights, where `replacements` take
  /// the place of the parameters with their names. An existing file is replaced once its successor is
  /// complete. Throws Error.
  virtual void save(const std::filesystem::path& folder,
                    const std::vector<NamedTensor>& replacements) const = 0;
};

/// The argument of every event. The references remain valid for the whole run.
struct CallbackContext {
  const TrainerState& state;
  TrainerControl& control;
  std::filesystem::path output_dir;
  /// Checkpoint of a resumed run; empty for a new run.
  std::filesystem::path resumed_from;
  /// The complete effective configuration as TOML.
  std::string config;
  EvaluationPlan evaluation = {};
  /// Set in every event of a run.
  const RunModel* model = nullptr;
};

/// Reacts to events of a run: writes logs, averages weights, stops early. Override the events you need.
/// Events are called on the thread of the training loop, callback by callback in the order of the
/// configuration. An event may throw sift::Error, which ends the run.
class SIFT_API Callback : public Stateful {
 public:
  ~Callback() override;
  virtual void on_train_begin(CallbackContext&) {}
  virtual void on_epoch_begin(CallbackContext&) {}
  virtual void on_step_begin(CallbackContext&) {}
  /// Called after gradient clipping and before the weights are updated. `learning_rate` may be changed; the
  /// change applies to this step only.
  virtual void on_pre_optimizer_step(CallbackContext&, double& /*learning_rate*/) {}
  virtual void on_step_end(CallbackContext&) {}
  virtual void on_epoch_end(CallbackContext&) {}
  /// Called after an entry was added to the log: a training entry, an evaluation, or the summary at the end
  /// of the run.
  virtual void on_log(CallbackContext&, const LogEntry&) {}
  /// Called after an evaluation, and after on_log for its entry.
  virtual void on_evaluate(CallbackContext&, const LogEntry&) {}
  /// `folder` holds a complete checkpoint. If it was written in the background, it may belong to an earlier
  /// step than `state`.
  virtual void on_save(CallbackContext&, const std::filesystem::path& /*folder*/) {}
  virtual void on_train_end(CallbackContext&) {}
};

/// Converts an option of type "steps or ratio" to steps, as transformers does: a value below 1 is a fraction
/// of `max_steps`, rounded up.
std::int64_t resolve_steps(double steps_or_ratio, std::int64_t max_steps);

}  // namespace sift
