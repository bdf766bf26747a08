#pragma once

#include <cstdint>

#include "api/loss.h"
#include "model/decoder.h"
#include "train/components.h"

namespace sift {

/// One micro-batch through the model, its memory strategies and the loss. Shared by training and evaluation,
/// so that both compute the same numbers. `num_items` is at least 1.
LossOutput forward(const Decoder& model, Components& components, const Batch& batch, std::int64_t num_items,
                   bool bf16);

}  // namespace sift
