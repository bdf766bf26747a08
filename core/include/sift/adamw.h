#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace sift {

/// The parameters of one update, at the same index in every list. All are updated in place except the
/// gradients, which a device may scale or leave unchanged.
struct AdamWTensors {
  std::vector<at::Tensor> weights, grads, exp_avgs, exp_avg_sqs;
  std::vector<at::Tensor> steps;  ///< 0-d float32, finished steps, this one included
};

struct AdamWOptions {
  double learning_rate, beta1, beta2, weight_decay, epsilon;
};

/// AdamW (arXiv 1711.05101) as at::_fused_adamw_ computes it, with the gradients multiplied by `grad_scale`
/// (0-d), the clipping factor: on a CPU this needs no extra pass over memory. Dense tensors of one dtype.
void adamw_update(const AdamWTensors& tensors, const at::Tensor& grad_scale, const AdamWOptions& options);

}  // namespace sift
