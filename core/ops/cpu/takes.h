#pragma once

#include <ATen/core/Tensor.h>

#include <initializer_list>

#include "ops/cpu/kernels.h"

namespace sift::cpu {

/// Whether the loops of kernels.h can work on these tensors: float32, dense, on a processor that has what
/// they need.
inline bool takes(std::initializer_list<at::Tensor> tensors) {
  if (!available()) return false;
  for (const at::Tensor& tensor : tensors) {
    if (!tensor.is_cpu() || tensor.scalar_type() != at::kFloat || !tensor.is_contiguous()) return false;
  }
  return true;
}

}  // namespace sift::cpu
