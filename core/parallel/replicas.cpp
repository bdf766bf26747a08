#include "parallel/replicas.h"

#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

namespace sift {

void Replicas::begin_update(const std::vector<Parameter>& trainable, std::int64_t num_passes) {
  if (!buckets_) buckets_ = std::make_unique<GradientBuckets>(group(), trainable, options_);
  passes_left_ = num_passes;
}

void Replicas::begin_pass() {
  if (--passes_left_ == 0) buckets_->begin_backward();
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
