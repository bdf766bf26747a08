#pragma once

#include <cstdint>
#include <memory>

#include <sift/loss.h>
#include "model/decoder/decoder.h"
#include "train/components.h"

namespace sift {

struct ForwardOptions {
  std::int64_t num_items = 1;  ///< scored tokens of the whole update; at least 1
  /// Micro-batches of the update: the load-balancing loss of experts is a mean over them.
  std::int64_t num_micro_batches = 1;
  bool bf16 = false;
};

struct ForwardOutput {
  at::Tensor loss;       ///< what backward starts from
  at::Tensor task_loss;  ///< the loss plugin's part of it
  TokenStats stats;
  at::Tensor aux_loss;  ///< of a mixture of experts, not weighted; undefined when it is not wanted
  /// Backward reads it.
  std::shared_ptr<LoadBalancingLoss> balance;
};

/// One micro-batch through the model, its memory strategies and the loss. Shared by training and evaluation,
/// so that both compute the same numbers.
ForwardOutput forward(const Decoder& model, Components& components, const Batch& batch,
                      const ForwardOptions& options);

}  // namespace sift
