#include "parallel/parallel.h"

#include <ATen/core/grad_mode.h>

#include "optim/gradients.h"

namespace sift {

void Parallel::set_values(const Parameter& parameter, const at::Tensor& values) {
  const at::NoGradGuard no_grad;
  parameter.tensor.detach().copy_(values);
}

at::Tensor SingleProcess::grad_norm(const std::vector<Parameter>& trainable) {
  return sift::grad_norm(trainable);
}

}  // namespace sift
