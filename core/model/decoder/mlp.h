#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "model/decoder/linear.h"
#include "model/model_config.h"

// Shape suffixes: n tokens, h hidden size.

namespace sift {

/// down(activation(gate(x)) * up(x)).
class Mlp {
 public:
  /// Takes "<prefix>gate_proj.*" and "<prefix>up_proj.*", or both as "<prefix>gate_up_proj.*", and
  /// "<prefix>down_proj.*".
  Mlp(const ModelConfig& config, const ModelWeights& weights, const std::string& prefix);
  /// `dropout` is that of an adapter.
  at::Tensor forward(const ProjectionInput& x_nh, DropoutSeed dropout = {}) const;

 private:
  Activation activation_;
  Linear gate_, up_, down_;
  Linear gate_up_;  ///< instead of the two, where they are one parameter
};

}  // namespace sift
