#pragma once

#include <cstdint>
#include <vector>

#include <sift/tensors.h>
#include "config/sections.h"
#include "model/decoder/decoder.h"
#include "train/components.h"

namespace sift {

// A micro-batch whose loss is a sum over tokens can go through the model a few documents at a time: the
// gradients add up, and the activations of one group have to be in memory instead of those of all.

/// max_tokens_per_pass, or 0 where loss or model do not allow it; warns where it was set all the same.
std::int64_t tokens_per_pass(const TrainOptions& options, const Components& components, const Decoder& model);

/// The documents of `batch`, in order, in groups of at most `max_tokens` tokens, or of one longer
/// document. Their tensors are views of the batch's where they can be. A group says of the whole batch which
/// rows it was made of, since a row may have documents in several, and how long its longest document is. With
/// 0, or where one group holds all: `batch`.
std::vector<Batch> passes_of(const Batch& batch, std::int64_t max_tokens);

/// The figures of all scored tokens of a batch, from those of its passes, without their graphs.
TokenStats joined(const std::vector<TokenStats>& passes);

}  // namespace sift
