#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <vector>

namespace sift {

/// Parameters that a backward pass may add gradients to by itself, kept in the context of an operator. They
/// are the tensors themselves: one that was saved for backward comes back without its gradient where a memory
/// strategy is at work.
at::IValue keep_parameters(at::TensorList parameters);
const std::vector<at::Tensor>& kept_parameters(const at::IValue& kept);

/// Whether the backward pass that runs may add to the gradient of `parameter` in place, and then give
/// autograd nothing to add: it has a gradient already, and this is backward() of everything, not grad() of
/// some inputs or a pass with a graph of its own. So the second micro-batch of an update needs no buffer for
/// its gradient and no pass over memory to add it.
bool adds_in_place(const at::Tensor& parameter);

}  // namespace sift
