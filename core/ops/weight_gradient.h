#pragma once

#include <ATen/core/Tensor.h>

namespace sift {

/// Whether the backward pass that runs may add to the gradient of `parameter` in place, and then give
/// autograd nothing to add: it has a gradient already, and this is backward() of everything, not grad() of
/// some inputs or a pass with a graph of its own. So the second micro-batch of an update needs no buffer for
/// its gradient and no pass over memory to add it. An operator keeps the parameter in its context's
/// saved_data for that: one that was saved for backward comes back without its gradient where a memory
/// strategy is at work.
bool adds_in_place(const at::Tensor& parameter);

}  // namespace sift
