#include "ops/block_stats.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>

#include "ops/cpu/takes.h"

namespace sift {
namespace {

/// The rows of `out` from the row `begin` on.
class StatsRows {
 public:
  StatsRows(const StatsBuffers& out, std::int64_t begin)
      : log_z_(out.log_z_m.data_ptr<float>() + begin),
        log_prob_(out.log_prob_m.data_ptr<float>() + begin),
        entropy_(out.entropy_m.defined() ? out.entropy_m.data_ptr<float>() + begin : nullptr),
        is_top1_(out.is_top1_m.defined() ? out.is_top1_m.data_ptr<bool>() + begin : nullptr) {}

  void set(std::int64_t row, const cpu::RowStats& stats) const {
    log_z_[row] = stats.log_z;
    log_prob_[row] = stats.log_prob;
    if (entropy_ != nullptr) entropy_[row] = stats.entropy;
    if (is_top1_ != nullptr) is_top1_[row] = stats.is_top1;
  }

 private:
  float *log_z_, *log_prob_, *entropy_;
  bool* is_top1_;
};

/// Fills the rows of `out` from those of z_cv, in two passes over each and on all cores; `finish` gets each
/// row while the cache has it, exp(z - max) in place of z, and the sum of that.
template <class Finish>
void each_softmax_row(const at::Tensor& z_cv, const at::Tensor& target_c, std::int64_t begin,
                      const StatsBuffers& out, const Finish& finish) {
  const std::int64_t count = z_cv.size(0), size = z_cv.size(1);
  if (out.mean_logit_m.defined()) out.mean_logit_m.narrow(0, begin, count).copy_(z_cv.mean(1));
  float* const z = z_cv.data_ptr<float>();
  const at::Tensor dense_target_c = target_c.contiguous();
  const std::int64_t* const target = dense_target_c.const_data_ptr<std::int64_t>();
  const StatsRows rows(out, begin);
  at::parallel_for(0, count, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      cpu::RowStats stats;
      float* const z_v = z + row * size;
      const double sum = cpu::softmax_row(size, z_v, target[row], stats);
      rows.set(row, stats);
      finish(row, z_v, target[row], sum, stats);
    }
  });
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
  if (takes_fused_cross_entropy(z_bv, out)) {
    BlockSoftmax softmax{z_bv, at::empty({count}, z_bv.options())};
    float* const sum_b = softmax.sum_b.data_ptr<float>();
    each_softmax_row(z_bv, target_b, begin, out,
                     [sum_b](std::int64_t row, float*, std::int64_t, double sum, const cpu::RowStats&) {
                       sum_b[row] = static_cast<float>(sum);
                     });
    return softmax;
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

bool takes_fused_cross_entropy(const at::Tensor& logits_cv, const StatsBuffers& out) {
  return cpu::takes({logits_cv, out.log_z_m});
}

// With p the softmax, dz = (p (1 + 2 s log Z) - e / V - (1 - e) onehot) / num_items.
void fused_cross_entropy(const at::Tensor& logits_cv, const at::Tensor& target_c, std::int64_t begin,
                         double logit_scale, const std::optional<LossFactors>& factors,
                         const StatsBuffers& out) {
  const std::int64_t size = logits_cv.size(1);
  if (logit_scale != 1.0) logits_cv.mul_(logit_scale);
  each_softmax_row(
      logits_cv, target_c, begin, out,
      [&](std::int64_t, float* z_v, std::int64_t target, double sum, const cpu::RowStats& stats) {
        if (!factors) return;
        const double each = logit_scale / factors->num_items, smoothing = factors->label_smoothing;
        const double z_loss = 1.0 + 2.0 * factors->lse_square_scale * static_cast<double>(stats.log_z);
        cpu::softmax_gradient_row(size, z_v, target,
                                  {static_cast<float>(each * z_loss / sum),
                                   static_cast<float>(each * smoothing / static_cast<double>(size)),
                                   static_cast<float>(each * (1.0 - smoothing))});
      });
}

}  // namespace sift
