#include "train/forward.h"

#include <ATen/TensorOperators.h>

#include <utility>

#include "data/context_part.h"
#include "device/precision.h"

namespace sift {
namespace {

/// transformers computes the load-balancing loss only if its coefficient is not 0.
std::shared_ptr<LoadBalancingLoss> balance_of(const ModelConfig& model, const ForwardOptions& options,
                                              ContextExchange* context) {
  const ExpertOptions& experts = model.experts;
  if (!model.is_moe() || experts.router_aux_loss_coef == 0) return nullptr;
  return std::make_shared<LoadBalancingLoss>(
      experts.num_experts, experts.num_experts_per_tok,
      experts.router_aux_loss_coef / static_cast<double>(options.num_micro_batches), context);
}

/// A loss to which the head belongs even if none of the tokens is scored: processes that divide a micro-batch
/// wait for each other in backward, so that all must have gradients of the same weights.
at::Tensor with_head(const at::Tensor& loss, const LmHead& head) {
  return loss + head.weight_vh.narrow(0, 0, 0).sum().to(loss.scalar_type());  // the sum of no element
}

}  // namespace

ForwardOutput forward(const Decoder& model, Components& components, Parallel& parallel, const Batch& batch,
                      const ForwardOptions& options) {
  const Autocast autocast(batch.input_ids_n.device().type(), options.bf16);
  ForwardOutput output;
  ContextExchange* const context = parallel.context();
  std::shared_ptr<const ContextTokens> whole;
  if (context != nullptr) {
    output.part = context_part(batch, context->rank(), context->size());
    whole = std::make_shared<ContextTokens>(ContextTokens{context, batch.document_starts});
  }
  const Batch& own = output.part ? *output.part : batch;
  output.balance = balance_of(model.config(), options, context);
  const at::Tensor hidden_nh = model.forward(
      own,
      [&](const Layer& layer, const at::Tensor& hidden) {
        return parallel.run_layer(
            {layer.index, layer.num_layers,
             [&](const at::Tensor& input) { return components.run_layer(layer, input); }},
            hidden);
      },
      output.balance, options.noise, whole);
  const LmHead head = model.head();
  LossOutput loss = components.compute_loss({own, hidden_nh, head, options.num_items, components.needs()});
  const bool has_head = context == nullptr || own.num_scored() > 0;
  output.task_loss = has_head ? loss.loss : with_head(loss.loss, head);
  output.loss = output.task_loss;
  output.stats = std::move(loss.stats);
  if (output.balance) {
    output.aux_loss = output.balance->loss();
    output.loss = output.task_loss + output.balance->weight() * output.balance->own_loss();
  }
  return output;
}

}  // namespace sift
