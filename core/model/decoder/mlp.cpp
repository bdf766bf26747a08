#include "model/decoder/mlp.h"

#include <ATen/Functions.h>

namespace sift {

Mlp::Mlp(const ModelConfig& config, const ModelWeights& weights, const std::string& prefix)
    : activation_(config.activation), down_(Linear::from(weights, prefix + "down_proj")) {
  if (config.fused_projections) {
    gate_up_ = Linear::from(weights, prefix + "gate_up_proj");
  } else {
    gate_ = Linear::from(weights, prefix + "gate_proj");
    up_ = Linear::from(weights, prefix + "up_proj");
  }
}

at::Tensor Mlp::forward(const ProjectionInput& x_nh, DropoutSeed dropout) const {
  const std::vector<at::Tensor> halves =
      gate_up_ ? gate_up_(x_nh, dropout).chunk(2, -1) : project(x_nh, {gate_, up_}, dropout);
  return down_(ProjectionInput::gated(halves[0], halves[1], activation_), dropout);
}

}  // namespace sift
