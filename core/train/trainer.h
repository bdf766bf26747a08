#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "checkpoint/checkpointer.h"
#include "config/sections.h"
#include "data/batch_loader.h"
#include "data/prepare.h"
#include "model/decoder/decoder.h"
#include "optim/schedule.h"
#include "parallel/parallel.h"
#include "text/text_processor.h"
#include "train/flow.h"
#include "train/hooks.h"
#include "train/run_log.h"
#include "train/train_step.h"
#include "train/trained_model.h"

namespace sift {

/// The parts of a run. All of them outlive the Trainer.
struct TrainerParts {
  const TrainOptions& options;
  const RunInfo& info;
  Components& components;
  const Decoder& model;
  const TextProcessor& text;
  const PreparedData& train_data;
  const TokenDataset* eval_data = nullptr;  ///< nullptr: no evaluation, not even at the start
  Spill spill;                              ///< where the order of an epoch is kept
  Parallel& parallel;
  const ParallelOptions& sharing;
  bool bf16 = false;
  bool is_flat = false;               ///< packed, or padding_free: a batch of TRL has no padding either
  std::filesystem::path resume_from;  ///< a checkpoint whose weights the model has; empty for a fresh run
  std::string config;                 ///< the whole configuration as TOML, for callbacks
  EarlierRun earlier;                 ///< what the run replaces or leaves in output_dir
};

/// The result of `train()`, as transformers' TrainOutput.
struct TrainOutput {
  std::int64_t global_step = 0;
  double training_loss = 0.0;
  LogEntry metrics;
  int stop_signal = 0;  ///< that ended the run early, with a checkpoint to resume from; 0: none
  std::filesystem::path last_checkpoint;  ///< the newest complete one; empty: none
};

/// The training loop.
class Trainer {
 public:
  explicit Trainer(const TrainerParts& parts);

  TrainOutput train();
  const Progress& progress() const { return progress_; }
  /// What has not yet made way for a checkpoint, once train() has returned.
  EarlierRun& earlier() { return checkpointer_.earlier(); }

 private:
  void begin();
  void resume();
  void save();
  void train_on(const UpdateBatches& update);
  void handle_nonfinite(const StepResult& result);
  void roll_back();
  TrainOutput finish();
  Flow::Actions actions();

  TrainerParts parts_;
  StepPlan plan_;
  Progress progress_;
  TrainedModel run_model_;
  Hooks hooks_;
  Schedule schedule_;
  BatchLoader loader_;
  TrainStep step_;
  RunLog log_;
  Checkpointer checkpointer_;
  Flow flow_;
  std::int64_t first_step_ = 0;  ///< finished steps when this process started
};

}  // namespace sift
