#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace sift {

/// y_i = x W_i^T + b_i for several projections of one x, which is [N, H]; `biases` has one for each weight,
/// or is empty. The same as at::linear for each, but the gradient of x is added up inside the matrix products
/// instead of in buffers of its own. Under autocast it is at::linear for each.
std::vector<at::Tensor> projections(const at::Tensor& x_nh, const std::vector<at::Tensor>& weights,
                                    const std::vector<at::Tensor>& biases);

}  // namespace sift
