#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "model/weights/parameter.h"

namespace sift {

/// ||g|| over all gradients: the norm of the per-parameter norms, as torch.nn.utils.clip_grad_norm_ computes
/// it. 0-d.
at::Tensor grad_norm(const std::vector<Parameter>& parameters);

/// The clipping factor of clip_grad_norm_: min(1, max_norm / (norm + 1e-6)), or 1 if max_norm is 0 (no
/// clipping). 0-d, on the device of the norm.
at::Tensor clip_coefficient(const at::Tensor& norm, double max_norm);

void zero_grad(const std::vector<Parameter>& parameters);

}  // namespace sift
