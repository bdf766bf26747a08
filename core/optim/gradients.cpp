#include "optim/gradients.h"

#include <ATen/ATen.h>

namespace sift {

at::Tensor grad_norm(const std::vector<Parameter>& parameters) {
  std::vector<at::Tensor> grads;
  for (const Parameter& parameter : parameters) {
    if (parameter.tensor.grad().defined()) grads.push_back(parameter.tensor.grad());
  }
  if (grads.empty()) return at::zeros({}, at::kFloat);
  return at::linalg_vector_norm(at::stack(at::_foreach_norm(grads, 2)), 2);
}

at::Tensor clip_coefficient(const at::Tensor& norm, double max_norm) {
  if (max_norm <= 0) return at::ones_like(norm);
  return at::clamp_max(max_norm / (norm + 1e-6), 1.0);
}

void zero_grad(const std::vector<Parameter>& parameters) {
  for (const Parameter& parameter : parameters) parameter.tensor.mutable_grad().reset();
}

}  // namespace sift
