#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <torch/csrc/autograd/custom_function.h>

#include <optional>

#include <sift/loss.h>
#include "device/no_autocast.h"
#include "ops/block_stats.h"
#include "ops/chunked_head.h"

// Shape suffixes: n tokens, m scored tokens of them, c scored tokens of a chunk, b of a block of it, h hidden
// size, v vocabulary.

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// dz of finished logits whose log_prob has the gradient g: g (onehot - softmax(z)), in place.
void block_gradient(const at::Tensor& z_bv, const at::Tensor& target_b, const at::Tensor& log_z_b,
                    const at::Tensor& grad_b) {
  z_bv.sub_(log_z_b.unsqueeze(1)).exp_().mul_(grad_b.neg().unsqueeze(1));
  z_bv.scatter_add_(1, target_b.unsqueeze(1), grad_b.unsqueeze(1));
}

class TokenStatsFunction : public torch::autograd::Function<TokenStatsFunction> {
 public:
  /// Returns log_prob_m and, where needed, entropy_m and is_top1_m.
  static variable_list forward(AutogradContext* ctx, const at::Tensor& hidden_nh, const at::Tensor& weight_vh,
                               const std::optional<at::Tensor>& bias, const at::Tensor& scored_m,
                               const at::Tensor& targets_m, const HeadOptions& options,
                               const StatsNeeds& needs) {
    const NoAutocast plain(hidden_nh.device().type());
    const at::Tensor bias_v = bias.value_or(at::Tensor());
    const auto stats = hidden_nh.options().dtype(stats_dtype(options.compute_dtype)).requires_grad(false);
    const StatsBuffers out(scored_m.numel(), stats, needs);
    if (scored_m.numel() > 0) {
      ChunkedHead head(hidden_nh, scored_m, weight_vh, bias_v, options);
      head.each_chunk([&](std::int64_t chunk, const at::Tensor& logits_cv) {
        head.each_block(chunk, logits_cv, [&](std::int64_t begin, const at::Tensor& raw_bv) {
          block_stats(head.finish(raw_bv), targets_m.narrow(0, begin, raw_bv.size(0)), begin, out);
        });
      });
    }
    ctx->save_for_backward({hidden_nh, weight_vh, bias_v, scored_m, targets_m, out.log_z_m});
    ctx->saved_data["logit_scale"] = options.logit_scale;
    ctx->saved_data["softcap"] = options.softcap;
    ctx->saved_data["compute_dtype"] = static_cast<std::int64_t>(options.compute_dtype);
    variable_list constant;
    if (out.entropy_m.defined()) constant.push_back(out.entropy_m);
    if (out.is_top1_m.defined()) constant.push_back(out.is_top1_m);
    ctx->mark_non_differentiable(constant);
    constant.insert(constant.begin(), out.log_prob_m);
    return constant;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor& hidden_nh = saved[0];
    const at::Tensor& weight_vh = saved[1];
    const at::Tensor& bias_v = saved[2];
    const at::Tensor& scored_m = saved[3];
    const at::Tensor& targets_m = saved[4];
    const at::Tensor& log_z_m = saved[5];
    HeadOptions options;
    options.logit_scale = ctx->saved_data["logit_scale"].toDouble();
    options.softcap = ctx->saved_data["softcap"].toDouble();
    options.compute_dtype = static_cast<at::ScalarType>(ctx->saved_data["compute_dtype"].toInt());
    const NoAutocast plain(hidden_nh.device().type());

    HeadGradients gradients(
        hidden_nh, weight_vh, bias_v, log_z_m.scalar_type(),
        {ctx->needs_input_grad(0), ctx->needs_input_grad(1), bias_v.defined() && ctx->needs_input_grad(2)});
    if (scored_m.numel() > 0 && grads[0].defined()) {
      const at::Tensor grad_m = grads[0].to(log_z_m.scalar_type());
      ChunkedHead head(hidden_nh, scored_m, weight_vh, bias_v, options);
      head.each_chunk([&](std::int64_t chunk, const at::Tensor& logits_cv) {
        head.each_block(chunk, logits_cv, [&](std::int64_t begin, const at::Tensor& raw_bv) {
          const std::int64_t count = raw_bv.size(0);
          const at::Tensor z_bv = head.finish(raw_bv);
          const at::Tensor slope_bv = head.softcap_slope(z_bv);
          block_gradient(z_bv, targets_m.narrow(0, begin, count), log_z_m.narrow(0, begin, count),
                         grad_m.narrow(0, begin, count));
          head.store_gradient(z_bv, slope_bv, raw_bv);
        });
        gradients.add(head, scored_m, chunk, logits_cv);
      });
    }
    return {gradients.hidden_nh(), gradients.weight_vh(), gradients.bias_v(), at::Tensor(),
            at::Tensor(),          at::Tensor(),          at::Tensor()};
  }
};

}  // namespace

TokenStats token_stats(const LossInput& input) {
  const at::Tensor& bias_v = input.head.bias_v;
  const variable_list out = TokenStatsFunction::apply(
      input.hidden_nh, input.head.weight_vh, bias_v.defined() ? std::optional(bias_v) : std::nullopt,
      input.batch.scored_m, input.targets_m(), HeadOptions::of(input), input.needs);
  TokenStats stats;
  stats.log_prob_m = out[0];
  if (input.needs.entropy) stats.entropy_m = out[1];
  if (input.needs.top1) stats.is_top1_m = out.back();
  return stats;
}

}  // namespace sift
