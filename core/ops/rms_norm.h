#pragma once

#include <ATen/core/Tensor.h>

namespace sift {

/// How a norm's weight w is applied.
enum class NormWeight {
  kScale,   ///< w times the norm rounded to the dtype of x
  kOffset,  ///< 1 + w, in float32 before rounding: the result has the dtype of x (Gemma)
};

/// weight * (x / sqrt(mean(x^2) + eps)) over the last dimension (arXiv 1910.07467). The norm is computed in
/// float32 and, except for kOffset, rounded to the dtype of x before the weight is applied, as in
/// transformers; double stays double. Keeps x and one number per row for backward.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps,
                    NormWeight kind = NormWeight::kScale);

// Forward and backward of rms_norm(), for operators that contain it. Neither records a graph.

struct NormOutput {
  at::Tensor y, rstd_n1;
};
NormOutput rms_norm_forward(const at::Tensor& x, const at::Tensor& weight, double eps, NormWeight kind);

struct NormGradients {
  at::Tensor x, weight;
};
NormGradients rms_norm_backward(const at::Tensor& grad, const at::Tensor& x, const at::Tensor& weight,
                                const at::Tensor& rstd_n1, NormWeight kind);

}  // namespace sift
