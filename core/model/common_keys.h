#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "formats/json_fields.h"
#include "model/model_config.h"

// Keys of config.json that several families share.

namespace sift {

/// Reads tie_word_embeddings and the activation, and refuses dropout, which no family of Sift has.
void read_common_keys(const JsonFields& fields, ModelConfig& config,
                      const std::string& activation_key = "hidden_act");

/// A number above 0, or 0 if the key is absent or null.
double positive_number_or_none(const JsonFields& fields, const std::string& key);

/// Reads the number of experts (`num_experts` or `num_local_experts`, two names of one key), the number of
/// experts per token and the weight of their load-balancing loss.
void read_experts(const JsonFields& fields, ModelConfig& config);

/// Layers with an ordinary MLP: those in `mlp_only_layers`, and all but every decoder_sparse_step-th.
void read_dense_layers(const JsonFields& fields, ModelConfig& config);

/// `sliding_window`, when set, holds for all layers.
void slide_every_layer(const JsonFields& fields, ModelConfig& config);

/// With `use_sliding_window`, `sliding_window` holds for the layers that `layer_types` calls
/// sliding_attention; without that list, for those from max_window_layers on.
void slide_upper_layers(const JsonFields& fields, ModelConfig& config);

/// The window of `sliding_window`, or 0 without `use_sliding_window`.
std::int64_t optional_window(const JsonFields& fields);

/// `window` holds for the layers that `layer_types` calls sliding_attention; without that list, for those
/// for which `slides` is true. Throws Error for a sliding layer if the window is 0.
void slide_layers(const JsonFields& fields, ModelConfig& config, std::int64_t window,
                  const std::function<bool(std::int64_t)>& slides);

}  // namespace sift
