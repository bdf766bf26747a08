#include "model/decoder/feed_forward.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "ops/expert_routing.h"
#include "ops/gated_units.h"
#include "ops/projections.h"

// Shape suffixes: n tokens, k experts of a token, m = n * k, e experts, h hidden size, i intermediate size.

namespace sift {

Linear Linear::from(const TensorsByName& tensors, const std::string& name) {
  const auto bias = tensors.find(name + ".bias");
  return {tensors.at(name + ".weight"), bias == tensors.end() ? at::Tensor() : bias->second};
}

at::Tensor Linear::operator()(const at::Tensor& x) const {
  return bias.defined() ? at::linear(x, weight, bias) : at::linear(x, weight);
}

std::vector<at::Tensor> project(const ProjectionInput& input, const std::vector<Linear>& linears) {
  std::vector<at::Tensor> weights, biases;
  for (const Linear& linear : linears) {
    weights.push_back(linear.weight);
    if (linear.bias.defined()) biases.push_back(linear.bias);
  }
  if (biases.empty() || biases.size() == weights.size()) return projections(input, weights, biases);
  const at::Tensor x_nh = input.tensor();
  std::vector<at::Tensor> outs;
  for (const Linear& linear : linears) outs.push_back(linear(x_nh));
  return outs;
}

Mlp::Mlp(const TensorsByName& tensors, const std::string& prefix, const ModelConfig& config)
    : activation_(config.activation), down_(Linear::from(tensors, prefix + "down_proj")) {
  if (config.fused_projections) {
    gate_up_ = Linear::from(tensors, prefix + "gate_up_proj");
  } else {
    gate_ = Linear::from(tensors, prefix + "gate_proj");
    up_ = Linear::from(tensors, prefix + "up_proj");
  }
}

at::Tensor Mlp::forward(const ProjectionInput& x_nh) const {
  const std::vector<at::Tensor> halves =
      gate_up_.weight.defined() ? project(x_nh, {gate_up_})[0].chunk(2, -1) : project(x_nh, {gate_, up_});
  return project(ProjectionInput::gated(halves[0], halves[1], activation_), {down_})[0];
}

Experts::Experts(const ModelConfig& config, std::int64_t layer, const TensorsByName& tensors,
                 const std::string& prefix)
    : layer_(layer),
      num_experts_per_tok_(config.experts.num_experts_per_tok),
      activation_(config.activation),
      norm_topk_prob_(config.experts.norm_topk_prob),
      float_weights_(config.experts.float_weights),
      router_eh_(tensors.at(prefix + "gate.weight")),
      gate_up_(tensors.at(prefix + "experts.gate_up_proj")),
      down_(tensors.at(prefix + "experts.down_proj")) {
  if (config.experts.shared_intermediate_size == 0) return;
  shared_.emplace(tensors, prefix + "shared_expert.", config);
  shared_gate_ = Linear::from(tensors, prefix + "shared_expert_gate");
}

at::Tensor Experts::forward(const at::Tensor& x_nh, const std::shared_ptr<LoadBalancingLoss>& balance) const {
  // 1. Every token chooses its experts. The probabilities are float32, whatever the model is.
  at::Tensor logits_ne = at::linear(x_nh, router_eh_);
  if (balance) logits_ne = balance->observe(layer_, logits_ne);
  auto [weights_nk, experts_nk] = at::softmax(logits_ne, -1, at::kFloat).topk(num_experts_per_tok_, -1);
  if (norm_topk_prob_) weights_nk = weights_nk / weights_nk.sum(-1, true);
  if (!float_weights_) weights_nk = weights_nk.to(logits_ne.scalar_type());

  // 2. Tokens sorted by expert, so that each expert computes all of its tokens at once.
  const ExpertRoute route = route_tokens(experts_nk, router_eh_.size(0));
  const at::Tensor gate_up_mi = grouped_linear(to_experts(x_nh, route), gate_up_, route.counts);
  const std::vector<at::Tensor> halves = gate_up_mi.chunk(2, -1);
  const at::Tensor out_mh =
      grouped_linear(gated_unit(halves[0], halves[1], activation_), down_, route.counts);

  // 3. Combine: the weighted sum of the outputs of the experts of each token.
  const at::Tensor sum_nh = (from_experts(out_mh, route) * weights_nk.unsqueeze(-1)).sum(1);
  if (!shared_) return sum_nh.to(x_nh.scalar_type());
  return sum_nh.to(x_nh.scalar_type()) +
         at::sigmoid(shared_gate_(x_nh)) * shared_->forward(ProjectionInput::given(x_nh));
}

}  // namespace sift
