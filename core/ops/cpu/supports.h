#pragma once

#include <ATen/core/Tensor.h>

#include <initializer_list>

#include "ops/cpu/kernels.h"

namespace sift::cpu {

/// Whether the loops of kernels.h support these tensors: contiguous, all float32 or all float64.
inline bool supports(std::initializer_list<at::Tensor> tensors) {
  const at::ScalarType type = tensors.begin()->scalar_type();
  if (type != at::kFloat && type != at::kDouble) return false;
  for (const at::Tensor& tensor : tensors) {
    if (!tensor.is_cpu() || tensor.scalar_type() != type || !tensor.is_contiguous()) return false;
  }
  return true;
}

/// Calls work(T()) where T is the type of the numbers of a supported tensor.
template <class Work>
void with_type(const at::Tensor& tensor, const Work& work) {
  if (tensor.scalar_type() == at::kDouble) return work(double());
  work(float());
}

template <class T>
const T* in(const at::Tensor& tensor) {
  return tensor.const_data_ptr<T>();
}
template <class T>
T* out(const at::Tensor& tensor) {
  return tensor.data_ptr<T>();
}

}  // namespace sift::cpu
