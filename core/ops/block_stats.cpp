#include "ops/block_stats.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

namespace sift {

StatsBuffers::StatsBuffers(std::int64_t num_scored, const at::TensorOptions& options, const StatsNeeds& needs)
    : log_z_m(at::empty({num_scored}, options)), log_prob_m(at::empty({num_scored}, options)) {
  if (needs.entropy) entropy_m = at::empty({num_scored}, options);
  if (needs.top1) is_top1_m = at::empty({num_scored}, options.dtype(at::kBool));
}

// With m the row's maximum and s = sum exp(z - m), log Z = m + log s and the entropy is
// log Z - sum p z = log s - sum exp(z - m) (z - m) / s.
BlockSoftmax block_stats(const at::Tensor& z_bv, const at::Tensor& target_b, std::int64_t begin,
                         const StatsBuffers& out) {
  const std::int64_t count = z_bv.size(0);
  const auto [max_b, argmax_b] = z_bv.max(1);
  const at::Tensor target_logit_b = z_bv.gather(1, target_b.unsqueeze(1)).squeeze(1);
  if (out.is_top1_m.defined()) out.is_top1_m.narrow(0, begin, count).copy_(argmax_b == target_b);
  if (out.mean_logit_m.defined()) out.mean_logit_m.narrow(0, begin, count).copy_(z_bv.mean(1));
  z_bv.sub_(max_b.unsqueeze(1));
  BlockSoftmax softmax;
  softmax.exp_bv = out.entropy_m.defined() ? z_bv.exp() : z_bv.exp_();
  softmax.sum_b = softmax.exp_bv.sum(1);
  const at::Tensor log_sum_b = softmax.sum_b.log();
  if (out.entropy_m.defined()) {
    // Not a dot product: those add up float32 in one chain, which over a vocabulary costs four digits.
    out.entropy_m.narrow(0, begin, count).copy_(log_sum_b - z_bv.mul_(softmax.exp_bv).sum(1) / softmax.sum_b);
  }
  const at::Tensor log_z_b = max_b + log_sum_b;
  out.log_z_m.narrow(0, begin, count).copy_(log_z_b);
  out.log_prob_m.narrow(0, begin, count).copy_(target_logit_b - log_z_b);
  return softmax;
}

}  // namespace sift
