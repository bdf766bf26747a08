#pragma once

#include <ATen/core/Tensor.h>

#include "ops/quantized_weight.h"

namespace sift {

/// Double quantisation, the second one: stores the absmax values of a weight's blocks, float32 [blocks], in 8
/// bits in `weight.absmax` and `weight.nested`.
void quantize_absmax(QuantizedWeight& weight, const at::Tensor& absmax);

/// The absmax values of blocks [first, last), float32, whether the weight stores them in 8 bits or not.
at::Tensor absmax_of_blocks(const QuantizedWeight& weight, std::int64_t first, std::int64_t last);

}  // namespace sift
