#pragma once

#include <ATen/core/Tensor.h>

namespace sift {

/// How a norm's weight w is applied.
enum class NormWeight {
  kScale,   ///< w times the norm rounded to the dtype of x
  kOffset,  ///< 1 + w, in float32 before rounding: the result has the dtype of x (Gemma)
};

/// weight * (x / sqrt(mean(x^2) + eps)) over the last dimension (arXiv 1910.07467). The norm is computed in
/// float32 and, but for kOffset, rounded to the dtype of x before the weight is applied, as in transformers;
/// double stays double. Keeps x and one number per row for backward.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps,
                    NormWeight kind = NormWeight::kScale);

}  // namespace sift
