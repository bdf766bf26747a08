#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/update_batches.h"
#include "model/decoder/decoder.h"
#include "optim/optimizer.h"
#include "parallel/parallel.h"
#include "train/components.h"
#include "train/forward.h"

namespace sift {

/// Results of forward and backward over the micro-batches of an update. The gradients are in the parameters.
struct StepResult {
  float loss = 0.0F;       ///< sum over the micro-batches, added in float32
  at::Tensor norm;         ///< 0-d, of the gradients, before clipping
  double grad_norm = 0.0;  ///< the value of `norm`, read from the device once
  std::vector<std::pair<std::string, at::Tensor>> metrics;  ///< of each micro-batch, in order
  std::vector<std::int64_t> num_tokens;                     ///< of each micro-batch
  std::vector<std::int64_t> rows;                           ///< of the data set, all of them
  std::vector<std::int64_t> nonfinite_rows;                 ///< of the micro-batches whose loss is not finite
};

/// One optimizer step: forward, backward, reduce, clip, update.
class TrainStep {
 public:
  struct Options {
    bool bf16 = false;
    double max_grad_norm = 1.0;        ///< 0: no clipping
    std::int64_t tokens_per_pass = 0;  ///< see passes_of()
  };
  TrainStep(const Decoder& model, Components& components, AdamW& optimizer, Parallel& parallel,
            const Options& options);

  /// The gradients of update number `step`, from 1, normalised by its scored tokens.
  StepResult gradients(const UpdateBatches& update, std::int64_t step);
  /// Clips the gradients and updates the weights.
  void update(const StepResult& result, double learning_rate);
  void zero_grad() { optimizer_.zero_grad(); }

 private:
  void add_micro_batch(const Batch& batch, const ForwardOptions& options, StepResult& result);
  ForwardOutput run_pass(const Batch& pass, const ForwardOptions& options);

  const Decoder& model_;
  Components& components_;
  AdamW& optimizer_;
  Parallel& parallel_;
  Options options_;
  std::vector<at::Tensor> weights_;
  std::vector<Parameter> trainable_;
};

}  // namespace sift
