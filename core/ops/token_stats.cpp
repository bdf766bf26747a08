#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <optional>

#include "api/loss.h"
#include "ops/no_autocast.h"

// Shape suffixes: n tokens, m scored tokens of them, c scored tokens of a chunk, b of a block of it, h hidden
// size, v vocabulary.

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// A chunk is one matrix product; its logits are the largest buffer of the head.
constexpr std::int64_t kChunkBytes = 64 << 20;
constexpr std::int64_t kMinChunkRows = 64;
// What follows the product passes over the logits several times; a block stays in the cache of a CPU.
constexpr std::int64_t kBlockBytes = 1 << 20;

struct HeadOptions {
  double logit_scale = 1.0;
  double softcap = 0.0;
  at::ScalarType compute_dtype = at::kFloat;
  StatsNeeds needs;
};

at::ScalarType compute_dtype(const at::Tensor& hidden_nh) {
  const c10::DeviceType device = hidden_nh.device().type();
  if (at::autocast::is_autocast_enabled(device)) return at::autocast::get_autocast_dtype(device);
  return hidden_nh.scalar_type();
}

at::ScalarType stats_dtype(at::ScalarType dtype) {
  return dtype == at::kDouble ? at::kDouble : at::kFloat;
}

/// The head over the scored tokens, chunk by chunk, through one reused buffer of logits.
class ChunkedHead {
 public:
  ChunkedHead(const at::Tensor& hidden_nh, const at::Tensor& scored_m, const at::Tensor& weight_vh,
              const at::Tensor& bias_v, const HeadOptions& options)
      : options_(options),
        x_mh_(hidden_nh.index_select(0, scored_m).to(options.compute_dtype)),
        weight_vh_(weight_vh.to(options.compute_dtype)),
        bias_v_(bias_v.defined() ? bias_v.to(options.compute_dtype) : bias_v) {
    const std::int64_t row_bytes = weight_vh.size(0) * static_cast<std::int64_t>(sizeof(float));
    rows_ = std::min(std::max(kMinChunkRows, kChunkBytes / row_bytes), x_mh_.size(0));
    block_rows_ = hidden_nh.is_cpu() ? std::max<std::int64_t>(1, kBlockBytes / row_bytes) : rows_;
    buffer_cv_ = at::empty({rows_, weight_vh.size(0)}, x_mh_.options());
  }

  std::int64_t rows() const { return rows_; }
  std::int64_t block_rows() const { return block_rows_; }
  const at::Tensor& weight_vh() const { return weight_vh_; }
  at::Tensor x_ch(std::int64_t begin, std::int64_t count) const { return x_mh_.narrow(0, begin, count); }

  /// Raw logits of `count` scored tokens from `begin`. They live until the next call.
  at::Tensor project(std::int64_t begin, std::int64_t count) {
    at::Tensor logits_cv = buffer_cv_.narrow(0, 0, count);
    at::mm_out(logits_cv, x_ch(begin, count), weight_vh_.t());
    if (bias_v_.defined()) logits_cv.add_(bias_v_);
    return logits_cv;
  }

  /// float32 logits after scale and softcap: in place where the logits are float32 already.
  at::Tensor finish(const at::Tensor& raw_bv) const {
    at::Tensor z_bv = raw_bv.to(stats_dtype(options_.compute_dtype));
    if (options_.logit_scale != 1.0) z_bv.mul_(options_.logit_scale);
    if (options_.softcap != 0.0) z_bv.div_(options_.softcap).tanh_().mul_(options_.softcap);
    return z_bv;
  }

 private:
  HeadOptions options_;
  at::Tensor x_mh_;
  at::Tensor weight_vh_;
  at::Tensor bias_v_;
  at::Tensor buffer_cv_;
  std::int64_t rows_ = 0;
  std::int64_t block_rows_ = 0;
};

struct StatsBuffers {
  at::Tensor log_z_m;
  at::Tensor log_prob_m;
  at::Tensor entropy_m;
  at::Tensor is_top1_m;
};

/// Stats of the rows [begin, begin + B): with m the row's maximum and s = sum exp(z - m), log Z = m + log s
/// and the entropy is log Z - sum p z = log s - sum exp(z - m) (z - m) / s.
void block_stats(at::Tensor z_bv, const at::Tensor& target_b, std::int64_t begin, const StatsBuffers& out) {
  const std::int64_t count = z_bv.size(0);
  const auto [max_b, argmax_b] = z_bv.max(1);
  const at::Tensor target_logit_b = z_bv.gather(1, target_b.unsqueeze(1)).squeeze(1);
  if (out.is_top1_m.defined()) out.is_top1_m.narrow(0, begin, count).copy_(argmax_b == target_b);
  z_bv.sub_(max_b.unsqueeze(1));
  at::Tensor log_sum_b;
  if (out.entropy_m.defined()) {
    at::Tensor exp_bv = z_bv.exp();
    const at::Tensor sum_b = exp_bv.sum(1);
    log_sum_b = sum_b.log();
    // Not a dot product: those add up float32 in one chain, which over a vocabulary costs four digits.
    out.entropy_m.narrow(0, begin, count).copy_(log_sum_b - exp_bv.mul_(z_bv).sum(1) / sum_b);
  } else {
    log_sum_b = z_bv.exp_().sum(1).log_();
  }
  const at::Tensor log_z_b = max_b + log_sum_b;
  out.log_z_m.narrow(0, begin, count).copy_(log_z_b);
  out.log_prob_m.narrow(0, begin, count).copy_(target_logit_b - log_z_b);
}

/// dz of rows whose log_prob has the gradient g: g (onehot - softmax(z)), through softcap and scale, in
/// place.
at::Tensor block_gradient(const at::Tensor& z_bv, const at::Tensor& target_b, const at::Tensor& log_z_b,
                          const at::Tensor& grad_b, const HeadOptions& options) {
  at::Tensor slope_bv;  // of softcap: 1 - tanh^2
  if (options.softcap != 0.0) slope_bv = (z_bv / options.softcap).square_().neg_().add_(1.0);
  at::Tensor dz_bv = z_bv;
  dz_bv.sub_(log_z_b.unsqueeze(1)).exp_().mul_(grad_b.neg().unsqueeze(1));
  dz_bv.scatter_add_(1, target_b.unsqueeze(1), grad_b.unsqueeze(1));
  if (slope_bv.defined()) dz_bv.mul_(slope_bv);
  if (options.logit_scale != 1.0) dz_bv.mul_(options.logit_scale);
  return dz_bv;
}

/// total += a b, accumulated in float32 whatever the dtype of the factors.
void accumulate_product(at::Tensor total, const at::Tensor& a, const at::Tensor& b) {
  total.addmm_(a.to(total.scalar_type()), b.to(total.scalar_type()));
}

class TokenStatsFunction : public torch::autograd::Function<TokenStatsFunction> {
 public:
  /// Returns log_prob_m and, where needed, entropy_m and is_top1_m.
  static variable_list forward(AutogradContext* ctx, const at::Tensor& hidden_nh, const at::Tensor& weight_vh,
                               const std::optional<at::Tensor>& bias, const at::Tensor& scored_m,
                               const at::Tensor& targets_m, const HeadOptions& options) {
    const NoAutocast plain(hidden_nh.device().type());
    const at::Tensor bias_v = bias.value_or(at::Tensor());
    const std::int64_t num_scored = scored_m.numel();
    const auto stats = hidden_nh.options().dtype(stats_dtype(options.compute_dtype)).requires_grad(false);
    StatsBuffers out;
    out.log_z_m = at::empty({num_scored}, stats);
    out.log_prob_m = at::empty({num_scored}, stats);
    if (options.needs.entropy) out.entropy_m = at::empty({num_scored}, stats);
    if (options.needs.top1) out.is_top1_m = at::empty({num_scored}, stats.dtype(at::kBool));

    if (num_scored > 0) {
      ChunkedHead head(hidden_nh, scored_m, weight_vh, bias_v, options);
      for (std::int64_t chunk = 0; chunk < num_scored; chunk += head.rows()) {
        const std::int64_t rows = std::min(head.rows(), num_scored - chunk);
        const at::Tensor logits_cv = head.project(chunk, rows);
        for (std::int64_t block = 0; block < rows; block += head.block_rows()) {
          const std::int64_t count = std::min(head.block_rows(), rows - block);
          const at::Tensor z_bv = head.finish(logits_cv.narrow(0, block, count));
          block_stats(z_bv, targets_m.narrow(0, chunk + block, count), chunk + block, out);
        }
      }
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

    const auto wide = log_z_m.options();
    at::Tensor grad_hidden_nh = at::zeros_like(hidden_nh);
    at::Tensor grad_weight_vh = ctx->needs_input_grad(1) ? at::zeros(weight_vh.sizes(), wide) : at::Tensor();
    at::Tensor grad_bias_v =
        bias_v.defined() && ctx->needs_input_grad(2) ? at::zeros(bias_v.sizes(), wide) : at::Tensor();
    const std::int64_t num_scored = scored_m.numel();
    if (num_scored > 0 && grads[0].defined()) {
      const at::Tensor grad_m = grads[0].to(wide.dtype());
      ChunkedHead head(hidden_nh, scored_m, weight_vh, bias_v, options);
      for (std::int64_t chunk = 0; chunk < num_scored; chunk += head.rows()) {
        const std::int64_t rows = std::min(head.rows(), num_scored - chunk);
        const at::Tensor logits_cv = head.project(chunk, rows);
        for (std::int64_t block = 0; block < rows; block += head.block_rows()) {
          const std::int64_t count = std::min(head.block_rows(), rows - block);
          const std::int64_t first = chunk + block;
          const at::Tensor raw_bv = logits_cv.narrow(0, block, count);
          const at::Tensor dz_bv =
              block_gradient(head.finish(raw_bv), targets_m.narrow(0, first, count),
                             log_z_m.narrow(0, first, count), grad_m.narrow(0, first, count), options);
          // Rounded to the compute dtype, as TRL does; a no-op in float32, where dz is raw itself.
          if (!dz_bv.is_same(raw_bv)) raw_bv.copy_(dz_bv);
        }
        const at::Tensor& dz_cv = logits_cv;
        at::Tensor grad_x_ch = at::zeros({rows, hidden_nh.size(1)}, wide);
        accumulate_product(grad_x_ch, dz_cv, head.weight_vh());
        grad_hidden_nh.index_copy_(0, scored_m.narrow(0, chunk, rows), grad_x_ch.to(hidden_nh.scalar_type()));
        if (grad_weight_vh.defined()) accumulate_product(grad_weight_vh, dz_cv.t(), head.x_ch(chunk, rows));
        if (grad_bias_v.defined()) grad_bias_v.add_(dz_cv.to(wide.dtype()).sum(0));
      }
    }
    if (grad_weight_vh.defined()) grad_weight_vh = grad_weight_vh.to(weight_vh.scalar_type());
    if (grad_bias_v.defined()) grad_bias_v = grad_bias_v.to(bias_v.scalar_type());
    return {grad_hidden_nh, grad_weight_vh, grad_bias_v, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

TokenStats token_stats(const LossInput& input) {
  HeadOptions options;
  options.logit_scale = input.head.logit_scale;
  options.softcap = input.head.softcap;
  options.compute_dtype = compute_dtype(input.hidden_nh);
  options.needs = input.needs;
  const at::Tensor& bias_v = input.head.bias_v;
  const variable_list out = TokenStatsFunction::apply(input.hidden_nh, input.head.weight_vh,
                                                      bias_v.defined() ? std::optional(bias_v) : std::nullopt,
                                                      input.batch.scored_m, input.targets_m(), options);
  TokenStats stats;
  stats.log_prob_m = out[0];
  if (options.needs.entropy) stats.entropy_m = out[1];
  if (options.needs.top1) stats.is_top1_m = out.back();
  return stats;
}

}  // namespace sift
