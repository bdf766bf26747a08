#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "config/config.h"
#include "data/dataset.h"
#include "data/sampler.h"
#include "model/decoder.h"
#include "text/text_processor.h"
#include "train/components.h"
#include "train/forward.h"
#include "train/optimizer.h"
#include "train/progress.h"
#include "train/schedule.h"
#include "train/world.h"

namespace sift {

/// What a run is made of. All of it outlives the Trainer.
struct TrainerParts {
  const Config& config;
  Components& components;
  const Decoder& model;
  const TextProcessor& text;
  const TokenDataset& train_data;
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
};

/// The training loop.
class Trainer {
 public:
  explicit Trainer(const TrainerParts& parts);

  TrainOutput train();
  const Progress& progress() const { return progress_; }

 private:
  void resume();
  void train_epoch(std::int64_t epoch);
  void train_step(std::span<const std::int64_t> order, std::int64_t update);
  void train_micro_batch(std::span<const std::int64_t> rows, const ForwardOptions& options);
  void update_weights();
  void fire(const std::function<void(Callback&, CallbackContext&)>& event);
  void schedule_evaluation();
  void act_on_control();
  void log();
  void run_evaluation();
  void save();
  TrainOutput finish(double seconds);
  void append(LogEntry entry);

  TrainerParts parts_;
  const TrainOptions& options_;
  StepPlan plan_;
  Schedule schedule_;
  std::vector<at::Tensor> weights_;
  AdamW optimizer_;
  Progress progress_;
  TrainerControl control_;
  CallbackContext context_;
  std::int64_t first_step_ = 0;  ///< finished steps when this process began
  double step_loss_ = 0.0;       ///< of the running step, over its micro-batches, added in float32
};

}  // namespace sift
