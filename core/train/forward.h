#pragma once

#include <cstdint>
#include <memory>
#include <optional>

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
  /// The tokens of this process, to which all else belongs; not set if they are all of the micro-batch.
  std::optional<Batch> part;
  at::Tensor loss;       ///< the root of backward
  at::Tensor task_loss;  ///< the part of the loss plugin
  TokenStats stats;
  /// Of a mixture of experts, unweighted and of the whole micro-batch; undefined if not requested.
  at::Tensor aux_loss;
  /// Used by backward.
  std::shared_ptr<LoadBalancingLoss> balance;
};

/// Runs one micro-batch through the model, its memory strategies and the loss, in a pass that `parallel` has
/// begun. Shared by training and evaluation, so that both compute the same values. The losses of processes
/// that divide the tokens of the micro-batch add up to that of all.
ForwardOutput forward(const Decoder& model, Components& components, Parallel& parallel, const Batch& batch,
                      const ForwardOptions& options);

}  // namespace sift
