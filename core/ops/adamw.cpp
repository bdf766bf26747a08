#include "ops/adamw.h"

#include <ATen/Functions.h>
#include <torch/library.h>

#include "ops/library.h"
#include "ops/plain.h"

namespace sift {

void plain::adamw_update(at::TensorList weights, at::TensorList grads, at::TensorList exp_avgs,
                         at::TensorList exp_avg_sqs, at::TensorList steps, const at::Tensor& grad_scale,
                         double lr, double beta1, double beta2, double weight_decay, double eps) {
  at::_foreach_mul_(grads, grad_scale);
  at::_fused_adamw_(weights, grads, exp_avgs, exp_avg_sqs, /*max_exp_avg_sqs=*/{}, steps, lr, beta1, beta2,
                    weight_decay, eps, /*amsgrad=*/false, /*maximize=*/false);
}

void adamw_update(const AdamWTensors& tensors, const at::Tensor& grad_scale, const AdamWOptions& options) {
  static const LibraryOp<decltype(plain::adamw_update)> op("sift::adamw_");
  op(tensors.weights, tensors.grads, tensors.exp_avgs, tensors.exp_avg_sqs, tensors.steps, grad_scale,
     options.learning_rate, options.beta1, options.beta2, options.weight_decay, options.epsilon);
}

TORCH_LIBRARY_IMPL(sift, CompositeExplicitAutograd, library) {
  library.impl("adamw_", TORCH_FN(plain::adamw_update));
}

}  // namespace sift
