#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "formats/json_fields.h"
#include "model/model_config.h"

// Shape suffixes: n tokens, f frequencies, half as many as features of a head turn.

namespace sift {

/// Reads `rope_parameters` (transformers 5) or `rope_scaling` and `rope_theta` (before it) into config.rope.
/// Throws Error on a type that is not known and on a parameter that is missing.
void read_rope_options(const JsonFields& fields, ModelConfig& config);

/// The object of `rope_scaling` or `rope_parameters`, whichever applies; an empty one if the file has
/// neither.
JsonFields rope_object(const JsonFields& fields);

/// One set of parameters; `fields` is the file that they are of. Unless `partial` is allowed, only a head
/// that turns as a whole is.
RopeOptions read_rope_parameters(const JsonFields& fields, const JsonFields& parameters,
                                 const ModelConfig& config, bool partial = false);

/// How many features of a head turn.
std::int64_t rotary_features(const RopeOptions& rope, std::int64_t head_dim);

/// cos and sin of each token's angles, once for all layers that share them.
struct RotaryTables {
  at::Tensor cos_nf;
  at::Tensor sin_nf;
};

/// The angles of a batch: computed in float32, then rounded to `dtype` as transformers does.
/// `longest` is the number of tokens of the longest document; the dynamic type and longrope depend on it.
RotaryTables rotary_tables(const ModelConfig& config, const RopeOptions& rope,
                           const at::Tensor& position_ids_n, std::int64_t longest, at::ScalarType dtype);

}  // namespace sift
