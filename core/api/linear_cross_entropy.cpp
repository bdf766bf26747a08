#include <sift/linear_cross_entropy.h>

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <sift/error.h>
#include "device/no_autocast.h"
#include "ops/block_stats.h"
#include "ops/chunked_head.h"

// Shape suffixes: n tokens, m scored tokens of them, c scored tokens of a chunk, b of a block of it, h hidden
// size, v vocabulary.

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Settings {
  HeadOptions head;
  StatsNeeds needs;
  CrossEntropyOptions loss;
  HeadGradients::Wanted wanted;
  double num_items = 1.0;

  bool any_wanted() const { return wanted.hidden || wanted.weight || wanted.bias; }
};

/// The loss of each token, by the formula of CrossEntropyOptions.
at::Tensor token_loss(const StatsBuffers& stats, const CrossEntropyOptions& options) {
  at::Tensor loss_m = -stats.log_prob_m;
  if (options.label_smoothing != 0.0) {
    loss_m.mul_(1.0 - options.label_smoothing)
        .add_(stats.log_z_m - stats.mean_logit_m, options.label_smoothing);
  }
  if (options.lse_square_scale != 0.0) loss_m.add_(stats.log_z_m.square(), options.lse_square_scale);
  return loss_m;
}

/// dz of finished logits, in place of the exponentials: with p the softmax,
/// (p (1 + 2 s log Z) - e / V - (1 - e) onehot) / num_items.
void block_gradient(const at::Tensor& exp_bv, const at::Tensor& sum_b, const at::Tensor& target_b,
                    const at::Tensor& log_z_b, const Settings& settings) {
  const double smoothing = settings.loss.label_smoothing;
  at::Tensor factor_b = sum_b.reciprocal().div_(settings.num_items);
  if (settings.loss.lse_square_scale != 0.0) {
    factor_b.mul_(log_z_b * (2.0 * settings.loss.lse_square_scale) + 1.0);
  }
  exp_bv.mul_(factor_b.unsqueeze(1));
  if (smoothing != 0.0) exp_bv.sub_(smoothing / static_cast<double>(exp_bv.size(1)) / settings.num_items);
  const at::Tensor target_part_b = at::full_like(factor_b, -(1.0 - smoothing) / settings.num_items);
  exp_bv.scatter_add_(1, target_b.unsqueeze(1), target_part_b.unsqueeze(1));
}

class LinearCrossEntropyFunction : public torch::autograd::Function<LinearCrossEntropyFunction> {
 public:
  /// Returns the loss, log_prob_m and, where needed, entropy_m and is_top1_m.
  static variable_list forward(AutogradContext* ctx, const at::Tensor& hidden_nh, const at::Tensor& weight_vh,
                               const std::optional<at::Tensor>& bias, const at::Tensor& scored_m,
                               const at::Tensor& targets_m, const Settings& settings) {
    const NoAutocast no_autocast(hidden_nh.device().type());
    const at::Tensor bias_v = bias.value_or(at::Tensor());
    const at::ScalarType dtype = stats_dtype(settings.head.compute_dtype);
    StatsBuffers stats(scored_m.numel(), hidden_nh.options().dtype(dtype).requires_grad(false),
                       settings.needs);
    if (settings.loss.label_smoothing != 0.0) stats.mean_logit_m = at::empty_like(stats.log_z_m);
    HeadGradients gradients(hidden_nh, weight_vh, bias_v, dtype, settings.wanted);
    ChunkedHead head(hidden_nh, scored_m, weight_vh, bias_v, settings.head);

    const double scale = settings.head.logit_scale;
    const LossFactors factors{settings.loss.label_smoothing, settings.loss.lse_square_scale,
                              settings.num_items};
    const auto fused = [&](std::int64_t chunk, const at::Tensor& logits_cv, const at::Tensor& target_c) {
      if (settings.any_wanted()) {
        fused_cross_entropy(logits_cv, target_c, chunk, scale, factors, stats);
      } else {
        block_stats(head.finish(logits_cv), target_c, chunk, stats);
      }
    };
    const auto plain_aten = [&](std::int64_t chunk, const at::Tensor& logits_cv) {
      head.each_block(chunk, logits_cv, [&](std::int64_t begin, const at::Tensor& raw_bv) {
        const at::Tensor target_b = targets_m.narrow(0, begin, raw_bv.size(0));
        const at::Tensor z_bv = head.finish(raw_bv);
        const at::Tensor slope_bv = settings.any_wanted() ? head.softcap_slope(z_bv) : at::Tensor();
        const at::Tensor sum_b = block_stats(z_bv, target_b, begin, stats);
        if (!settings.any_wanted()) return;
        const at::Tensor log_z_b = stats.log_z_m.narrow(0, begin, raw_bv.size(0));
        block_gradient(z_bv, sum_b, target_b, log_z_b, settings);
        head.store_gradient(z_bv, slope_bv, raw_bv);
      });
    };
    head.each_chunk([&](std::int64_t chunk, const at::Tensor& logits_cv) {
      const at::Tensor target_c = targets_m.narrow(0, chunk, logits_cv.size(0));
      const bool can_fuse = settings.head.softcap == 0.0 &&
                            supports_fused_cross_entropy(logits_cv, target_c, chunk, scale, factors, stats);
      can_fuse ? fused(chunk, logits_cv, target_c) : plain_aten(chunk, logits_cv);
      if (settings.any_wanted()) gradients.add(head, scored_m, chunk, logits_cv);
    });

    ctx->save_for_backward({gradients.hidden_nh(), gradients.weight_vh(), gradients.bias_v()});
    variable_list constant = {stats.log_prob_m};
    if (stats.entropy_m.defined()) constant.push_back(stats.entropy_m);
    if (stats.is_top1_m.defined()) constant.push_back(stats.is_top1_m);
    ctx->mark_non_differentiable(constant);
    constant.insert(constant.begin(), token_loss(stats, settings.loss).sum() / settings.num_items);
    return constant;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    if (at::GradMode::is_enabled()) {
      throw Error(
          "linear_cross_entropy has no second derivative: its gradients are made in the forward pass; use a "
          "loss that computes input.logits_mv()");
    }
    variable_list gradients = ctx->get_saved_variables();
    // Not in place: a retained graph gives the same gradients again. On a CPU a factor of 1, as in training,
    // costs nothing: autograd then takes over the saved tensors. A device is not read for it.
    const bool is_scaled = grads[0].defined() && (!grads[0].is_cpu() || grads[0].item<double>() != 1.0);
    for (at::Tensor& gradient : gradients) {
      if (!grads[0].defined()) gradient = at::Tensor();
      if (is_scaled && gradient.defined()) gradient = gradient * grads[0].to(gradient.scalar_type());
    }
    gradients.resize(6);  // one for each input
    return gradients;
  }
};

}  // namespace

LossOutput linear_cross_entropy(const LossInput& input, const CrossEntropyOptions& options) {
  if (input.batch.num_scored() == 0) return nothing_scored(input);
  const LmHead& head = input.head;
  const bool autograd = at::GradMode::is_enabled();
  Settings settings;
  settings.head = HeadOptions::of(input);
  settings.head.softcap = options.softcap.value_or(head.softcap);
  settings.head.chunk_rows = options.chunk_rows;
  settings.needs = input.needs;
  settings.loss = options;
  settings.wanted.hidden = autograd && input.hidden_nh.requires_grad();
  settings.wanted.weight = autograd && head.weight_vh.requires_grad();
  settings.wanted.bias = autograd && head.bias_v.defined() && head.bias_v.requires_grad();
  settings.num_items = static_cast<double>(input.num_items);

  const variable_list out = LinearCrossEntropyFunction::apply(
      input.hidden_nh, head.weight_vh, head.bias_v.defined() ? std::optional(head.bias_v) : std::nullopt,
      input.batch.scored_m, input.targets_m(), settings);
  LossOutput output;
  output.loss = out[0];
  output.stats.log_prob_m = out[1];
  if (input.needs.entropy) output.stats.entropy_m = out[2];
  if (input.needs.top1) output.stats.is_top1_m = out.back();
  return output;
}

}  // namespace sift
