#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "ops/projection_input.h"

namespace sift {

/// y_i = x W_i^T + b_i for several projections of one x, which is [N, H]; `biases` has one for each weight,
/// or is empty. The same as at::linear for each, but the gradient of x is added up inside the matrix products
/// instead of in buffers of its own, and of an x that is made here only what it is made of is kept for
/// backward. Under autocast it is at::linear for each.
std::vector<at::Tensor> projections(const ProjectionInput& input, const std::vector<at::Tensor>& weights,
                                    const std::vector<at::Tensor>& biases);

}  // namespace sift
