#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "checkpoint/checkpoint_writer.h"
#include "checkpoint/progress.h"
#include "checkpoint/snapshot.h"
#include "config/config.h"
#include "data/prepare.h"
#include "data/sampler.h"
#include "data/update_batches.h"
#include "model/decoder/decoder.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"
#include "parallel/world.h"
#include "text/text_processor.h"
#include "train/components.h"
#include "train/forward.h"

namespace sift {

/// What a run is made of. All of it outlives the Trainer.
struct TrainerParts {
  const Config& config;
  Components& components;
  const Decoder& model;
  const TextProcessor& text;
  const PreparedData& train_data;
  const TokenDataset* eval_data = nullptr;  ///< only with an eval_strategy
  World& world;
  bool bf16 = false;
  std::filesystem::path resume_from;  ///< a checkpoint whose weights the model has; empty for a fresh run
};

/// What `train()` leaves, as transformers' TrainOutput.
struct TrainOutput {
  std::int64_t global_step = 0;
  double training_loss = 0.0;
  LogEntry metrics;
  int stop_signal = 0;  ///< that ended the run early, with a checkpoint to go on from; 0: none
};

/// The training loop.
class Trainer {
 public:
  explicit Trainer(const TrainerParts& parts);

  TrainOutput train();
  const Progress& progress() const { return progress_; }

 private:
  void resume();
  void catch_up();
  void train_epoch(std::int64_t epoch);
  void end_epoch();
  void train_step(const UpdateBatches& update);
  void train_micro_batch(const Batch& batch, const ForwardOptions& options);
  ForwardOutput train_pass(const Batch& pass, const ForwardOptions& options);
  void update_weights(const at::Tensor& norm, const MetricWindow& window_before);
  void skip_update(double grad_norm);
  void roll_back();
  void fire(const std::function<void(Callback&, CallbackContext&)>& event);
  void schedule_evaluation();
  void act_on_control();
  void heed_stop_signal();
  void log();
  void run_evaluation();
  RunState run_state();
  void save();
  void take_in(const std::optional<CheckpointWriter::Outcome>& saved);
  TrainOutput interrupted();
  TrainOutput finish(double seconds);
  void append(LogEntry entry);

  TrainerParts parts_;
  const TrainOptions& options_;
  StepPlan plan_;
  Schedule schedule_;
  std::vector<at::Tensor> weights_;
  AdamW optimizer_;
  std::int64_t tokens_per_pass_;
  Progress progress_;
  TrainerControl control_;
  CallbackContext context_;
  std::int64_t first_step_ = 0;  ///< finished steps when this process began
  double step_loss_ = 0.0;       ///< of the running step, over its micro-batches, added in float32
  std::vector<std::int64_t> step_rows_, nonfinite_rows_;  ///< of the running step
  CheckpointWriter writer_;
  std::filesystem::path last_whole_;   ///< checkpoint to fall back to; empty: none yet
  std::filesystem::path best_before_;  ///< best checkpoint before the one that is being written
  int stop_signal_ = 0;                ///< the loop has heeded it
};

}  // namespace sift
