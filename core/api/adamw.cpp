#include <sift/adamw.h>

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <optional>

#include "ops/operators.h"

namespace sift {

void adamw_update(const AdamWTensors& tensors, const at::Tensor& grad_scale, const at::Tensor& found_inf,
                  const AdamWOptions& options) {
  if (tensors.weights.empty()) return;
  if (found_inf.defined()) {
    at::_foreach_add_(tensors.steps, 1 - found_inf);
  } else {
    at::_foreach_add_(tensors.steps, 1);
  }
  op::adamw_update(tensors.weights, tensors.grads, tensors.exp_avgs, tensors.exp_avg_sqs, tensors.steps,
                   grad_scale, found_inf.defined() ? std::optional<at::Tensor>(found_inf) : std::nullopt,
                   options.learning_rate, options.beta1, options.beta2, options.weight_decay,
                   options.epsilon);
}

}  // namespace sift
