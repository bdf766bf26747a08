#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/update_batches.h"
#include "model/decoder/decoder.h"
#include "optim/gradients.h"
#include "parallel/parallel.h"
#include "train/components.h"
#include "train/forward.h"

namespace sift {

/// Results of forward and backward over one micro-batch.
struct MicroBatchResult {
  at::Tensor loss;  ///< float32, 0-d
  std::int64_t num_tokens = 0;
  std::vector<std::int64_t> rows;  ///< of the prepared data set
};

/// Results of an update. The gradients are in the parameters. Tensors stay on the device until they are read
/// them, so that a step need not wait for it.
struct StepResult {
  std::int64_t step = 0;  ///< its number, from 1
  at::Tensor loss;        ///< float32, 0-d: the sum over the micro-batches of all processes
  at::Tensor norm;        ///< 0-d: the norm of the gradients, before clipping
  at::Tensor found_inf;   ///< float32, 0-d: 1 if loss or norm is not finite
  std::vector<MicroBatchResult> micro_batches;  ///< of this process
  std::vector<std::int64_t> num_tokens;         ///< of each round of all processes, as metrics count them
  std::vector<std::pair<std::string, at::Tensor>> metrics;  ///< of each round of all processes, in order
};

/// One optimizer step: forward, backward, reduce, clip, update.
class TrainStep {
 public:
  struct Options {
    bool bf16 = false;
    double max_grad_norm = 1.0;        ///< 0: no clipping
    std::int64_t tokens_per_pass = 0;  ///< see passes_of()
    double neftune_noise_alpha = 0.0;  ///< 0: no noise
    bool is_flat = false;              ///< TRL would pad no row of a micro-batch to the longest
    bool has_dropout = false;
  };
  TrainStep(const Decoder& model, Components& components, Parallel& parallel, const Options& options);

  /// The gradients of update number `step`, from 1, normalised by its scored tokens.
  StepResult gradients(const UpdateBatches& update, std::int64_t step);
  /// Clips the gradients and updates the weights, unless the result is not finite. Called once after each
  /// gradients().
  void update(const StepResult& result, double learning_rate);
  void zero_grad() { sift::zero_grad(updated_); }

 private:
  bool is_counted(const UpdateBatches& update, std::int64_t round) const;
  ForwardOptions begin(const UpdateBatches& update, StepResult& result);
  /// Returns its metrics.
  std::vector<MetricValue> add_micro_batch(const Batch& batch, const ForwardOptions& options,
                                           StepResult& result);
  std::int64_t num_passes(const UpdateBatches& update) const;
  at::Tensor over_processes(const at::Tensor& loss) const;
  ForwardOutput run_pass(const Batch& pass, const ForwardOptions& options);
  /// The largest noise on the embeddings of a micro-batch (NEFTune, arXiv 2310.05914).
  double embedding_noise(const Batch& batch) const;

  const Decoder& model_;
  Components& components_;
  Parallel& parallel_;
  Options options_;
  std::vector<at::Tensor> weights_;
  std::vector<Parameter> trainable_;
  std::vector<Parameter> updated_;  ///< by the optimizer of this process
};

}  // namespace sift
