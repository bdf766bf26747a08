#include "model/decoder/experts.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "ops/expert_routing.h"
#include "ops/gated_units.h"

// Shape suffixes: n tokens, k experts of a token, m = n * k, e experts, h hidden size, i intermediate size.

namespace sift {

Experts::Experts(const ModelConfig& config, std::int64_t layer, const ModelWeights& weights,
                 const std::string& prefix)
    : layer_(layer),
      num_experts_per_tok_(config.experts.num_experts_per_tok),
      activation_(config.activation),
      norm_topk_prob_(config.experts.norm_topk_prob),
      float_weights_(config.experts.float_weights),
      router_(Linear::from(weights, prefix + "gate")),
      gate_up_(ExpertLinear::from(weights, prefix + "experts.gate_up_proj")),
      down_(ExpertLinear::from(weights, prefix + "experts.down_proj")) {
  if (config.experts.shared_intermediate_size == 0) return;
  shared_.emplace(config, weights, prefix + "shared_expert.");
  shared_gate_ = Linear::from(weights, prefix + "shared_expert_gate");
}

at::Tensor Experts::forward(const at::Tensor& x_nh, const std::shared_ptr<LoadBalancingLoss>& balance,
                            DropoutSeed dropout) const {
  // 1. Every token chooses its experts. The probabilities are float32 for every dtype of the model.
  at::Tensor logits_ne = router_(x_nh);
  if (balance) logits_ne = balance->observe(layer_, logits_ne);
  auto [weights_nk, experts_nk] = at::softmax(logits_ne, -1, at::kFloat).topk(num_experts_per_tok_, -1);
  if (norm_topk_prob_) weights_nk = weights_nk / weights_nk.sum(-1, true);
  if (!float_weights_) weights_nk = weights_nk.to(logits_ne.scalar_type());

  // 2. Tokens sorted by expert, so that each expert computes all of its tokens at once.
  const ExpertRoute route = route_tokens(experts_nk, router_.out_features());
  const at::Tensor gate_up_mi = gate_up_(to_experts(x_nh, route), route.counts);
  const std::vector<at::Tensor> halves = gate_up_mi.chunk(2, -1);
  const at::Tensor out_mh = down_(gated_unit(halves[0], halves[1], activation_), route.counts);

  // 3. Combine: the weighted sum of the outputs of the experts of each token.
  const at::Tensor sum_nh = (from_experts(out_mh, route) * weights_nk.unsqueeze(-1)).sum(1);
  if (!shared_) return sum_nh.to(x_nh.scalar_type());
  return sum_nh.to(x_nh.scalar_type()) +
         at::sigmoid(shared_gate_(x_nh, dropout)) * shared_->forward(ProjectionInput::given(x_nh), dropout);
}

}  // namespace sift
