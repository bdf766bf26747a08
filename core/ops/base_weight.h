#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <memory>

#include "ops/quantized_weight.h"

// Shape suffixes: n tokens, o output features, i input features.

namespace sift {

/// The matrix of a projection: a tensor, or a weight in 4 bits, which is never trained.
struct BaseWeight {
  at::Tensor tensor_oi;  ///< undefined for a weight in 4 bits
  std::shared_ptr<const QuantizedWeight> quantized;
  at::ScalarType compute_dtype = at::kFloat;  ///< of the products with a weight in 4 bits

  explicit operator bool() const { return tensor_oi.defined() || quantized != nullptr; }
  std::int64_t in_features() const { return quantized ? quantized->in_features() : tensor_oi.size(1); }
  std::int64_t out_features() const { return quantized ? quantized->out_features() : tensor_oi.size(0); }
  /// The type in which products with it are computed.
  at::ScalarType dtype() const { return quantized ? compute_dtype : tensor_oi.scalar_type(); }

  /// The whole matrix.
  at::Tensor dense() const { return quantized ? dequantize(*quantized, compute_dtype) : tensor_oi; }
  /// x W^T + b, for x of any number of dimensions, in the dtype of x; differentiable. `bias_o` may be
  /// undefined.
  at::Tensor linear(const at::Tensor& x, const at::Tensor& bias_o = {}) const;
};

}  // namespace sift
