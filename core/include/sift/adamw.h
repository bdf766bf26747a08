#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace sift {

/// The parameters of one update, at the same index in every list: dense tensors of one dtype on one device.
/// All are updated in place except the gradients, which a device may scale or leave unchanged.
struct AdamWTensors {
  std::vector<at::Tensor> weights, grads, exp_avgs, exp_avg_sqs;
  /// 0-d float32, completed updates of each parameter.
  std::vector<at::Tensor> steps;
};

struct AdamWOptions {
  double learning_rate, beta1, beta2, weight_decay, epsilon;
};

/// AdamW (arXiv 1711.05101) as torch.optim.AdamW(fused=True) computes it, with the gradients multiplied by
/// `grad_scale` (0-d); on a CPU this needs no extra pass over memory. If `found_inf` (0-d float32) is defined
/// and 1, weights and state keep their values; the device is not read.
void adamw_update(const AdamWTensors& tensors, const at::Tensor& grad_scale, const at::Tensor& found_inf,
                  const AdamWOptions& options);

}  // namespace sift
