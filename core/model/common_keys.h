#pragma once

#include <cstdint>
#include <functional>

#include "model/json_fields.h"
#include "model/model_config.h"

// Keys of config.json that several families share.

namespace sift {

/// Reads tie_word_embeddings and refuses what no family of Sift has: dropout, an activation other than silu.
void read_common_keys(const JsonFields& fields, ModelConfig& config);

/// Reads the number of experts (`num_experts` or `num_local_experts`, which name the same), how many of them
/// a token has, and the weight of their load-balancing loss.
void read_experts(const JsonFields& fields, ModelConfig& config);

/// Layers that are an ordinary MLP: those in `mlp_only_layers`, and all but every decoder_sparse_step-th.
void read_dense_layers(const JsonFields& fields, ModelConfig& config);

/// `sliding_window`, when set, holds for all layers.
void slide_every_layer(const JsonFields& fields, ModelConfig& config);

/// With `use_sliding_window`, `sliding_window` holds for the layers that `layer_types` calls
/// sliding_attention; without that list, for those from max_window_layers on.
void slide_upper_layers(const JsonFields& fields, ModelConfig& config);

/// The same, but `slides` says which layers do where the file has no `layer_types`.
void slide_layers(const JsonFields& fields, ModelConfig& config,
                  const std::function<bool(std::int64_t)>& slides);

}  // namespace sift
