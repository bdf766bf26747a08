#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "model/decoder/linear.h"
#include "model/decoder/load_balancing_loss.h"
#include "model/decoder/mlp.h"
#include "model/model_config.h"

// Shape suffixes: n tokens, h hidden size.

namespace sift {

/// A mixture of experts: each token goes through the few MLPs with the largest router probabilities, and
/// their outputs are summed with these as weights (arXiv 1701.06538).
class Experts {
 public:
  /// Takes "<prefix>gate.weight", "<prefix>experts.*" and "<prefix>shared_expert*".
  Experts(const ModelConfig& config, std::int64_t layer, const ModelWeights& weights,
          const std::string& prefix);
  /// `balance`, if set, observes the router's logits. `dropout` is that of an adapter.
  at::Tensor forward(const at::Tensor& x_nh, const std::shared_ptr<LoadBalancingLoss>& balance,
                     DropoutSeed dropout = {}) const;

 private:
  std::int64_t layer_ = 0;
  std::int64_t num_experts_per_tok_ = 0;
  Activation activation_ = Activation::kSilu;
  bool norm_topk_prob_ = false;
  bool float_weights_ = false;
  Linear router_;
  ExpertLinear gate_up_;  ///< [E, 2 I, H]: the rows of gate, then those of up
  ExpertLinear down_;     ///< [E, H, I]
  std::optional<Mlp> shared_;
  Linear shared_gate_;
};

}  // namespace sift
