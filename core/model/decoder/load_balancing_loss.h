#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "ops/context_exchange.h"

// Shape suffixes: n tokens, e experts.

namespace sift {

/// The load-balancing loss of a mixture of experts over one micro-batch (arXiv 2101.03961, equations 4 to 6,
/// as in transformers' load_balancing_loss_func): num_experts * sum_e f_e P_e, where f_e is how often a
/// token of any layer chose expert e and P_e the mean of e's router probability.
///
/// observe() returns the routers' logits unchanged; backward adds this loss's gradient to theirs. So the
/// layers, which a memory strategy may run again, do not return the loss, and no logits are kept for it. It
/// lives until backward is done.
class LoadBalancingLoss {
 public:
  /// `weight`: the factor of this loss in the total loss. `context`: of the processes among which the tokens
  /// of the micro-batch are divided; outlives this.
  LoadBalancingLoss(std::int64_t num_experts, std::int64_t num_experts_per_tok, double weight,
                    ContextExchange* context = nullptr);

  at::Tensor observe(std::int64_t layer, const at::Tensor& logits_ne);

  /// Called once all layers have run, before backward.
  void finish();

  /// 0-d float32, not weighted, without a gradient of its own. After finish().
  const at::Tensor& loss() const { return loss_; }
  /// The summand of it that is of the tokens of this process.
  const at::Tensor& own_loss() const { return own_loss_; }
  double weight() const { return weight_; }

 private:
  void add_other_processes();

  std::int64_t num_experts_ = 0;
  std::int64_t num_experts_per_tok_ = 0;
  double weight_ = 0.0;
  std::vector<bool> seen_;  ///< a layer that is run again in backward counts once
  std::int64_t num_rows_ = 0;
  at::Tensor chosen_e_;  ///< number of times each expert was chosen, over all layers
  at::Tensor probs_e_;   ///< the sum of its probabilities
  at::Tensor slope_e_;   ///< derivative of the weighted loss by one probability; read in backward
  at::Tensor loss_, own_loss_;
  ContextExchange* context_;
};

}  // namespace sift
