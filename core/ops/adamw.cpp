#include <sift/adamw.h>

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "ops/operators.h"

namespace sift {

void plain::adamw_update(at::TensorList weights, at::TensorList grads, at::TensorList exp_avgs,
                         at::TensorList exp_avg_sqs, at::TensorList steps, const at::Tensor& grad_scale,
                         const std::optional<at::Tensor>& found_inf, double lr, double beta1, double beta2,
                         double weight_decay, double eps) {
  at::_foreach_mul_(grads, grad_scale);
  at::_fused_adamw_(weights, grads, exp_avgs, exp_avg_sqs, /*max_exp_avg_sqs=*/{}, steps, lr, beta1, beta2,
                    weight_decay, eps, /*amsgrad=*/false, /*maximize=*/false, /*grad_scale=*/{}, found_inf);
}

constinit Operator<decltype(plain::adamw_update)> op::adamw_update("sift::adamw_", plain::adamw_update);

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
                   options.learning_rate, options.beta1, options.beta2, options.weight_decay, options.epsilon);
}

}  // namespace sift
