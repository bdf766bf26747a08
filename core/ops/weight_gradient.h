#pragma once

#include <ATen/core/Tensor.h>

namespace sift {

/// Whether the running backward pass may add to the gradient of `parameter` in place and return no gradient
/// to autograd: the parameter already has a gradient, and this is a full backward(), not grad() of some
/// inputs or a pass with create_graph. So from the second micro-batch of an update on, the gradient needs no
/// buffer and no extra pass over memory. For this an operator keeps the parameter in its context's
/// saved_data: a tensor saved for backward comes back without its gradient under a memory strategy.
bool adds_in_place(const at::Tensor& parameter);

}  // namespace sift
