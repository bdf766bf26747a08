#include <ATen/Functions.h>

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

}  // namespace sift
