#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "formats/json_fields.h"
#include "model/model_config.h"

// Shape suffixes: n tokens, f frequencies, half the rotated features of a head.

namespace sift {

/// Reads `rope_parameters` (transformers 5) or `rope_scaling` and `rope_theta` (before it) into config.rope.
/// Throws Error for an unknown type and for a missing parameter.
void read_rope_options(const JsonFields& fields, ModelConfig& config);

/// The object of `rope_scaling` or, if that is absent or empty, of `rope_parameters`; empty if the file has
/// neither.
JsonFields rope_object(const JsonFields& fields);

/// One set of parameters; `fields` is the whole file. Throws Error for heads that are rotated only in part,
/// unless `partial`.
RopeOptions read_rope_parameters(const JsonFields& fields, const JsonFields& parameters,
                                 const ModelConfig& config, bool partial = false);

/// The number of features of a head that are rotated.
std::int64_t rotary_features(const RopeOptions& rope, std::int64_t head_dim);

/// cos and sin of the angles of each token, shared by layers.
struct RotaryTables {
  at::Tensor cos_nf;
  at::Tensor sin_nf;
};

/// The angles of a batch: computed in float32, then rounded to `dtype` as transformers does.
/// `longest` is the number of tokens of the longest document; the dynamic type and longrope depend on it.
RotaryTables rotary_tables(const ModelConfig& config, const RopeOptions& rope,
                           const at::Tensor& position_ids_n, std::int64_t longest, at::ScalarType dtype);

}  // namespace sift
