#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "model/json_fields.h"
#include "model/model_config.h"

// Shape suffixes: n tokens, f = head_dim / 2 frequencies.

namespace sift {

/// Reads `rope_parameters` (transformers 5) or `rope_scaling` and `rope_theta` (before it). Throws Error on a
/// type that is not known and on a parameter that is missing.
RopeOptions read_rope_options(const JsonFields& fields, const ModelConfig& config);

/// cos and sin of each token's angles, once for all layers.
struct RotaryTables {
  at::Tensor cos_nf;
  at::Tensor sin_nf;
};

/// The angles of a batch: computed in float32, then rounded to `dtype` as transformers does.
/// `longest` is the number of tokens of the longest document; only the dynamic type depends on it.
RotaryTables rotary_tables(const ModelConfig& config, const at::Tensor& position_ids_n, std::int64_t longest,
                           at::ScalarType dtype);

}  // namespace sift
