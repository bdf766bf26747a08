#include "model/decoder/load_balancing_loss.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <torch/csrc/autograd/custom_function.h>

#include <tuple>

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// The identity in forward; backward adds the gradient of the balancing loss. It comes from the probabilities
/// alone, the choices have none: dL/dz = p * (s - sum_e p_e s_e) with s = dL/dp.
class AddBalanceGradient : public torch::autograd::Function<AddBalanceGradient> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& logits_ne, const at::Tensor& slope_e) {
    ctx->save_for_backward({logits_ne});
    // by reference: its values are known only when all layers have run
    ctx->saved_data["slope"] = slope_e;
    return logits_ne.view_as(logits_ne);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const at::Tensor logits_ne = ctx->get_saved_variables()[0];
    const at::Tensor slope_e = ctx->saved_data["slope"].toTensor();
    const at::Tensor probs_ne = at::softmax(logits_ne, -1, at::kFloat);
    const at::Tensor mean_n1 = at::mv(probs_ne, slope_e).unsqueeze(1);
    const at::Tensor grad_ne = probs_ne * (slope_e - mean_n1);
    return {grads[0] + grad_ne.to(grads[0].scalar_type()), {}};
  }
};

}  // namespace

LoadBalancingLoss::LoadBalancingLoss(std::int64_t num_experts, std::int64_t num_experts_per_tok,
                                     double weight, ContextExchange* context)
    : num_experts_(num_experts),
      num_experts_per_tok_(num_experts_per_tok),
      weight_(weight),
      context_(context) {}

at::Tensor LoadBalancingLoss::observe(std::int64_t layer, const at::Tensor& logits_ne) {
  const auto index = static_cast<std::size_t>(layer);
  if (seen_.size() <= index) seen_.resize(index + 1, false);
  if (!seen_[index]) {
    const at::NoGradGuard no_grad;
    seen_[index] = true;
    if (!chosen_e_.defined()) {
      chosen_e_ = at::zeros({num_experts_}, logits_ne.options().dtype(at::kLong));
      probs_e_ = at::zeros({num_experts_}, logits_ne.options().dtype(at::kFloat));
      slope_e_ = at::zeros_like(probs_e_);
    }
    const at::Tensor probs_ne = logits_ne.softmax(-1);
    const at::Tensor chosen_m = std::get<1>(probs_ne.topk(num_experts_per_tok_, -1)).flatten();
    chosen_e_.scatter_add_(0, chosen_m, at::ones_like(chosen_m));
    probs_e_ += probs_ne.to(at::kFloat).sum(0);
    num_rows_ += logits_ne.size(0);
  }
  return AddBalanceGradient::apply(logits_ne, slope_e_);
}

void LoadBalancingLoss::finish() {
  const at::NoGradGuard no_grad;
  const at::Tensor own_probs_e = probs_e_;
  if (context_ != nullptr) add_other_processes();
  const auto rows = static_cast<double>(num_rows_);
  const at::Tensor frequency_e = chosen_e_.to(at::kFloat) / rows;
  const auto loss_of = [&](const at::Tensor& sum_e) {
    return static_cast<double>(num_experts_) * (frequency_e * sum_e / rows).sum();
  };
  loss_ = loss_of(probs_e_);
  own_loss_ = context_ == nullptr ? loss_ : loss_of(own_probs_e);
  slope_e_.copy_(frequency_e * (weight_ * static_cast<double>(num_experts_) / rows));
}

/// Makes the sums those of the whole micro-batch.
void LoadBalancingLoss::add_other_processes() {
  const at::Tensor rows_1 = at::full({1}, num_rows_, chosen_e_.options());
  const at::Tensor counts = context_->summed(at::cat({chosen_e_, rows_1}));
  chosen_e_ = counts.narrow(0, 0, num_experts_);
  num_rows_ = counts[num_experts_].item<std::int64_t>();
  probs_e_ = context_->summed(probs_e_);
}

}  // namespace sift
