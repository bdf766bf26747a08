#include "train/forward.h"

#include <ATen/TensorOperators.h>

#include <utility>

#include "device/precision.h"

namespace sift {
namespace {

/// transformers computes the load-balancing loss only if its coefficient is not 0.
std::shared_ptr<LoadBalancingLoss> balance_of(const ModelConfig& model, const ForwardOptions& options) {
  const ExpertOptions& experts = model.experts;
  if (!model.is_moe() || experts.router_aux_loss_coef == 0) return nullptr;
  return std::make_shared<LoadBalancingLoss>(
      experts.num_experts, experts.num_experts_per_tok,
      experts.router_aux_loss_coef / static_cast<double>(options.num_micro_batches));
}

}  // namespace

ForwardOutput forward(const Decoder& model, Components& components, Parallel& parallel, const Batch& batch,
                      const ForwardOptions& options) {
  const Autocast autocast(batch.input_ids_n.device().type(), options.bf16);
  ForwardOutput output;
  output.balance = balance_of(model.config(), options);
  const at::Tensor hidden_nh = model.forward(
      batch,
      [&](const Layer& layer, const at::Tensor& hidden) {
        return parallel.run_layer(
            {layer.index, layer.num_layers,
             [&](const at::Tensor& input) { return components.run_layer(layer, input); }},
            hidden);
      },
      output.balance, options.noise);
  const LmHead head = model.head();
  LossOutput loss = components.compute_loss({batch, hidden_nh, head, options.num_items, components.needs()});
  output.task_loss = loss.loss;
  output.loss = loss.loss;
  output.stats = std::move(loss.stats);
  if (output.balance) {
    output.aux_loss = output.balance->loss();
    output.loss = output.task_loss + output.balance->weight() * output.aux_loss;
  }
  return output;
}

}  // namespace sift
