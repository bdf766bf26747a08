#pragma once

#include <ATen/core/Tensor.h>

namespace sift {

/// A copy in host memory that shares nothing with `tensor`.
inline at::Tensor host_copy(const at::Tensor& tensor) {
  return tensor.to(at::kCPU, tensor.scalar_type(), /*non_blocking=*/false, /*copy=*/true);
}

}  // namespace sift
