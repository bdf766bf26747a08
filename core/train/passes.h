#pragma once

#include <cstdint>
#include <vector>

#include <sift/tensors.h>
#include "config/sections.h"
#include "model/model_config.h"
#include "train/components.h"

namespace sift {

// A micro-batch whose loss is a sum over tokens can go through the model a few documents at a time: the
// gradients accumulate, and only the activations of one group are in memory.

/// max_tokens_per_pass, or 0 if the loss or the model does not allow it; warns if it was set anyway.
std::int64_t tokens_per_pass(const TrainOptions& options, const Components& components,
                             const ModelConfig& model);

/// The documents of `batch`, in order, in groups of at most `max_tokens` tokens, or of one longer document.
/// Their tensors are views of the batch where possible. A group keeps the rows and the longest document
/// length of the whole batch, since a row may have documents in several groups. With 0, or if one group holds
/// all documents: `batch`.
std::vector<Batch> passes_of(const Batch& batch, std::int64_t max_tokens);

/// How many passes_of() these are.
std::int64_t num_passes(const Batch& batch, std::int64_t max_tokens);

/// The values of all scored tokens of a batch, concatenated from its passes, without their graphs.
TokenStats joined(const std::vector<TokenStats>& passes);

}  // namespace sift
