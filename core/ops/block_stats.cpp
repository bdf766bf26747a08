#include "ops/block_stats.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <optional>
#include <tuple>

#include "ops/operators.h"

namespace sift {
namespace {

std::optional<at::Tensor> if_defined(const at::Tensor& tensor) {
  return tensor.defined() ? std::optional(tensor) : std::nullopt;
}

auto cross_entropy_inputs(const at::Tensor& logits_cv, const at::Tensor& target_c, std::int64_t begin,
                          double logit_scale, const LossFactors& factors, const StatsBuffers& out) {
  const StatsBuffers rows = out.rows(begin, logits_cv.size(0));
  return std::tuple(logits_cv, target_c, rows.log_z_m, rows.log_prob_m, if_defined(rows.entropy_m),
                    if_defined(rows.is_top1_m), if_defined(rows.mean_logit_m), logit_scale,
                    factors.label_smoothing, factors.lse_square_scale, factors.num_items);
}

}  // namespace

StatsBuffers::StatsBuffers(std::int64_t num_scored, const at::TensorOptions& options, const StatsNeeds& needs)
    : log_z_m(at::empty({num_scored}, options)), log_prob_m(at::empty({num_scored}, options)) {
  if (needs.entropy) entropy_m = at::empty({num_scored}, options);
  if (needs.top1) is_top1_m = at::empty({num_scored}, options.dtype(at::kBool));
}

StatsBuffers StatsBuffers::rows(std::int64_t begin, std::int64_t count) const {
  StatsBuffers rows = *this;
  for (at::Tensor* const buffer :
       {&rows.log_z_m, &rows.log_prob_m, &rows.entropy_m, &rows.is_top1_m, &rows.mean_logit_m}) {
    if (buffer->defined()) *buffer = buffer->narrow(0, begin, count);
  }
  return rows;
}

// With m the row's maximum and s = sum exp(z - m), log Z = m + log s and the entropy is
// log Z - sum p z = log s - sum exp(z - m) (z - m) / s.
at::Tensor plain::softmax_stats(const at::Tensor& z_bv, const at::Tensor& target_b, const at::Tensor& log_z_b,
                                const at::Tensor& log_prob_b, const std::optional<at::Tensor>& entropy_b,
                                const std::optional<at::Tensor>& is_top1_b,
                                const std::optional<at::Tensor>& mean_logit_b) {
  const auto [max_b, argmax_b] = z_bv.max(1);
  const at::Tensor target_logit_b = z_bv.gather(1, target_b.unsqueeze(1)).squeeze(1);
  if (is_top1_b) is_top1_b->copy_(argmax_b == target_b);
  if (mean_logit_b) mean_logit_b->copy_(z_bv.mean(1));
  z_bv.sub_(max_b.unsqueeze(1));
  const at::Tensor exp_bv = entropy_b ? z_bv.exp() : z_bv.exp_();
  at::Tensor sum_b = exp_bv.sum(1);
  const at::Tensor log_sum_b = sum_b.log();
  if (entropy_b) {
    // Not a dot product: those add up float32 in one chain, which over a vocabulary costs four digits.
    entropy_b->copy_(log_sum_b - z_bv.mul_(exp_bv).sum(1) / sum_b);
    z_bv.copy_(exp_bv);
  }
  const at::Tensor all_log_z_b = max_b + log_sum_b;
  log_z_b.copy_(all_log_z_b);
  log_prob_b.copy_(target_logit_b - all_log_z_b);
  return sum_b;
}

constinit Operator<decltype(plain::softmax_stats)> op::softmax_stats("sift::softmax_stats_",
                                                                     plain::softmax_stats);
constinit decltype(op::cross_entropy) op::cross_entropy("sift::cross_entropy_", nullptr);

at::Tensor block_stats(const at::Tensor& z_bv, const at::Tensor& target_b, std::int64_t begin,
                       const StatsBuffers& out) {
  const StatsBuffers rows = out.rows(begin, z_bv.size(0));
  return op::softmax_stats(z_bv, target_b, rows.log_z_m, rows.log_prob_m, if_defined(rows.entropy_m),
                           if_defined(rows.is_top1_m), if_defined(rows.mean_logit_m));
}

bool supports_fused_cross_entropy(const at::Tensor& logits_cv, const at::Tensor& target_c, std::int64_t begin,
                                  double logit_scale, const LossFactors& factors, const StatsBuffers& out) {
  return std::apply([](const auto&... inputs) { return op::cross_entropy.supports(inputs...); },
                    cross_entropy_inputs(logits_cv, target_c, begin, logit_scale, factors, out));
}

void fused_cross_entropy(const at::Tensor& logits_cv, const at::Tensor& target_c, std::int64_t begin,
                         double logit_scale, const LossFactors& factors, const StatsBuffers& out) {
  std::apply(op::cross_entropy, cross_entropy_inputs(logits_cv, target_c, begin, logit_scale, factors, out));
}

}  // namespace sift
