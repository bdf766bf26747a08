#pragma once

#include <ATen/core/Tensor.h>

namespace sift {

/// weight * (x / sqrt(mean(x^2) + eps)) over the last dimension (arXiv 1910.07467). The norm is computed in
/// float32 and rounded to the dtype of x before the weight is applied, as in transformers; double stays
/// double. Keeps x and one number per row for backward.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);

}  // namespace sift
