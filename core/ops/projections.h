#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "ops/projection_input.h"

namespace sift {

/// y_i = x W_i^T + b_i for several projections of one x, which is [N, H]; `biases` has one entry per weight,
/// or is empty. Equivalent to at::linear for each, but the gradient of x is accumulated inside the matrix
/// products instead of in extra buffers, and for a computed x only its source tensors are kept for backward.
/// Under autocast it calls at::linear for each.
std::vector<at::Tensor> projections(const ProjectionInput& input, const std::vector<at::Tensor>& weights,
                                    const std::vector<at::Tensor>& biases);

}  // namespace sift
