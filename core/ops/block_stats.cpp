#include "ops/block_stats.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>

#include "ops/cpu/takes.h"

namespace sift {
namespace {

/// The same in two passes over each row.
BlockSoftmax fused_block_stats(const at::Tensor& z_bv, const at::Tensor& target_b, std::int64_t begin,
                               const StatsBuffers& out) {
  const std::int64_t count = z_bv.size(0), size = z_bv.size(1);
  BlockSoftmax softmax{z_bv, at::empty({count}, z_bv.options())};
  float* const z = z_bv.data_ptr<float>();
  float* const sum_b = softmax.sum_b.data_ptr<float>();
  const std::int64_t* const target = target_b.const_data_ptr<std::int64_t>();
  float* const log_z = out.log_z_m.data_ptr<float>() + begin;
  float* const log_prob = out.log_prob_m.data_ptr<float>() + begin;
  float* const entropy = out.entropy_m.defined() ? out.entropy_m.data_ptr<float>() + begin : nullptr;
  bool* const is_top1 = out.is_top1_m.defined() ? out.is_top1_m.data_ptr<bool>() + begin : nullptr;
  at::parallel_for(0, count, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      cpu::RowStats stats;
      sum_b[row] = static_cast<float>(cpu::softmax_row(size, z + row * size, target[row], stats));
      log_z[row] = stats.log_z;
      log_prob[row] = stats.log_prob;
      if (entropy != nullptr) entropy[row] = stats.entropy;
      if (is_top1 != nullptr) is_top1[row] = stats.is_top1;
    }
  });
  return softmax;
}

}  // namespace

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
  if (cpu::takes({z_bv, out.log_z_m}) && target_b.is_contiguous()) {
    if (out.mean_logit_m.defined()) out.mean_logit_m.narrow(0, begin, count).copy_(z_bv.mean(1));
    return fused_block_stats(z_bv, target_b, begin, out);
  }
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
