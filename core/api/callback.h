#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "api/export.h"
#include "api/stateful.h"

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
};

/// What callbacks ask of the loop. The loop acts after on_step_end (and on_epoch_end), in the order log,
/// evaluate, save, and clears each flag when it has acted.
struct TrainerControl {
  bool should_log = false;
  bool should_evaluate = false;
  bool should_save = false;
  bool should_training_stop = false;
};

/// What every event gets. References stay valid for the whole run.
struct CallbackContext {
  const TrainerState& state;
  TrainerControl& control;
  std::filesystem::path output_dir;
  std::filesystem::path resumed_from;  ///< empty when the run started fresh
  std::string config;                  ///< the whole effective configuration as TOML
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
  /// A whole checkpoint stands at `folder`.
  virtual void on_save(CallbackContext&, const std::filesystem::path& /*folder*/) {}
  virtual void on_train_end(CallbackContext&) {}
};

/// A number of steps as transformers reads it: below 1 it is a part of `max_steps`, rounded up.
std::int64_t resolve_steps(double steps_or_ratio, std::int64_t max_steps);

}  // namespace sift
