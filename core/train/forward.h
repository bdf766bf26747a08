#pragma once

#include <cstdint>
#include <memory>

#include <sift/loss.h>
#include "model/decoder/decoder.h"
#include "parallel/parallel.h"
#include "train/components.h"

namespace sift {

struct ForwardOptions {
  std::int64_t num_items = 1;  ///< scored tokens of the whole update; at least 1
  /// Micro-batches of the update: the load-balancing loss of the experts is averaged over them.
  std::int64_t num_micro_batches = 1;
  bool bf16 = false;
  TrainingNoise noise = {};
};

struct ForwardOutput {
  at::Tensor loss;       ///< the root of backward
  at::Tensor task_loss;  ///< the part of the loss plugin
  TokenStats stats;
  at::Tensor aux_loss;  ///< of a mixture of experts, unweighted; undefined if not requested
  /// Used by backward.
  std::shared_ptr<LoadBalancingLoss> balance;
};

/// Runs one micro-batch through the model, its memory strategies and the loss, in a pass that `parallel` has
/// begun. Shared by training and
/// evaluation, so that both compute the same values.
ForwardOutput forward(const Decoder& model, Components& components, Parallel& parallel, const Batch& batch,
                      const ForwardOptions& options);

}  // namespace sift
