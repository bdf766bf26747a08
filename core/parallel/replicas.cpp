#include "parallel/replicas.h"

#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

namespace sift {

at::Tensor Replicas::gathered(const at::Tensor& values_n) {
  return group().gathered(values_n.cpu().contiguous()).to(values_n.device());
}

GradientBuckets& Replicas::buckets(const std::vector<Parameter>& trainable) {
  if (!buckets_) buckets_ = std::make_unique<GradientBuckets>(group(), trainable, options_);
  return *buckets_;
}

void Replicas::begin_last_backward(const std::vector<Parameter>& trainable) {
  buckets(trainable).begin_last_backward();
}

void Replicas::reduce_gradients(const std::vector<Parameter>& trainable) {
  buckets(trainable).finish();
}

at::Tensor Replicas::grad_norm(const std::vector<Parameter>& trainable) {
  std::vector<at::Tensor> norms;
  for (const Parameter& parameter : trainable) {
    const at::Tensor& gradient = parameter.tensor.grad();
    if (gradient.defined())
      norms.push_back(at::linalg_vector_norm(gradient, 2, std::nullopt, false, at::kDouble));
  }
  if (norms.empty()) return at::zeros({}, at::kFloat);
  return at::linalg_vector_norm(at::stack(norms), 2).to(at::kFloat);
}

}  // namespace sift
