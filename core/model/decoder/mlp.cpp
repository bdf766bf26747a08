#include "model/decoder/mlp.h"

#include <ATen/Functions.h>

namespace sift {

Mlp::Mlp(const ModelConfig& config, const TensorsByName& tensors, const std::string& prefix)
    : activation_(config.activation), down_(Linear::from(tensors, prefix + "down_proj")) {
  if (config.fused_projections) {
    gate_up_ = Linear::from(tensors, prefix + "gate_up_proj");
  } else {
    gate_ = Linear::from(tensors, prefix + "gate_proj");
    up_ = Linear::from(tensors, prefix + "up_proj");
  }
}

at::Tensor Mlp::forward(const ProjectionInput& x_nh) const {
  const std::vector<at::Tensor> halves = gate_up_ ? gate_up_(x_nh).chunk(2, -1) : project(x_nh, {gate_, up_});
  return down_(ProjectionInput::gated(halves[0], halves[1], activation_));
}

}  // namespace sift
