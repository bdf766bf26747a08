#pragma once

#include <ATen/core/Tensor.h>

namespace sift {

/// silu(gate) * up (arXiv 2002.05202). Keeps only its two inputs for backward; plain ATen keeps silu(gate)
/// too.
at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up);

}  // namespace sift
