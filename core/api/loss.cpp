#include <sift/loss.h>

#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/tanh.h>

namespace sift {

Loss::~Loss() = default;

PerTokenLoss::~PerTokenLoss() = default;

at::Tensor LossInput::targets_m() const {
  return batch.targets_n.index_select(0, batch.scored_m);
}

at::Tensor LossInput::scored_hidden_mh() const {
  return hidden_nh.index_select(0, batch.scored_m);
}

at::Tensor LossInput::logits_mv() const {
  const at::Tensor hidden_mh = scored_hidden_mh();
  const at::ScalarType dtype = hidden_mh.scalar_type();
  at::Tensor logits_mv = at::matmul(hidden_mh, head.weight_vh.to(dtype).t());
  if (head.bias_v.defined()) logits_mv = logits_mv + head.bias_v.to(dtype);
  logits_mv = logits_mv.to(at::kFloat);
  if (head.logit_scale != 1.0) logits_mv = logits_mv * head.logit_scale;
  if (head.softcap != 0.0) logits_mv = at::tanh(logits_mv / head.softcap) * head.softcap;
  return logits_mv;
}

LossOutput nothing_scored(const LossInput& input) {
  const at::TensorOptions options = input.hidden_nh.options().requires_grad(false);
  LossOutput output;
  output.loss = input.hidden_nh.narrow(0, 0, 0).sum(at::kFloat);  // the sum of no element
  output.stats.log_prob_m = at::empty({0}, options.dtype(at::kFloat));
  if (input.needs.entropy) output.stats.entropy_m = at::empty({0}, options.dtype(at::kFloat));
  if (input.needs.top1) output.stats.is_top1_m = at::empty({0}, options.dtype(at::kBool));
  return output;
}

LossOutput PerTokenLoss::compute(const LossInput& input) {
  if (input.batch.num_scored() == 0) return nothing_scored(input);
  TokenStats stats = token_stats(input);
  at::Tensor loss = per_token(stats).sum() / static_cast<double>(input.num_items);
  return {std::move(loss), std::move(stats)};
}

}  // namespace sift
