#pragma once

#include <ATen/core/Tensor.h>

namespace sift {

/// Rotates the two halves of each head's features by the angles of its token (arXiv 2104.09864, in the
/// half-split layout of Hugging Face files): [a, b] -> [a cos - b sin, b cos + a sin]. x_nad is [N, heads,
/// head_dim], the tables are [N, F] with 2 F of head_dim: only the first 2 F features are rotated. Keeps only
/// the tables for backward, which rotates by the negative angle.
at::Tensor rotary(const at::Tensor& x_nad, const at::Tensor& cos_nf, const at::Tensor& sin_nf);

}  // namespace sift
