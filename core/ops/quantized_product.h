#pragma once

#include <ATen/core/Tensor.h>

#include "ops/quantized_weight.h"

// Shape suffixes: n tokens, o output features, i input features.

namespace sift {

// The two products that a layer with an adapter needs from its base, in the type of their input: float32,
// float64 or bfloat16. Tiles of rows are dequantised into a small buffer, rounded to that type, and
// multiplied with LibTorch's BLAS, so the whole weight never exists. They record no graph.

/// x W^T, [N, out].
at::Tensor quantized_product(const at::Tensor& x_ni, const QuantizedWeight& weight);
/// g W, [N, in]: the gradient of x where g is that of x W^T.
at::Tensor quantized_product_transposed(const at::Tensor& grad_no, const QuantizedWeight& weight);

}  // namespace sift
