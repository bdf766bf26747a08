#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include <sift/tensors.h>

// Shape suffixes: m scored tokens, b of a block of them, v vocabulary.

namespace sift {

/// Values of all scored tokens, filled block by block; an undefined tensor is not computed.
struct StatsBuffers {
  at::Tensor log_z_m;
  at::Tensor log_prob_m;
  at::Tensor entropy_m;
  at::Tensor is_top1_m;
  at::Tensor mean_logit_m;

  StatsBuffers(std::int64_t num_scored, const at::TensorOptions& options, const StatsNeeds& needs);
  /// Views of `count` tokens starting at `begin`.
  StatsBuffers rows(std::int64_t begin, std::int64_t count) const;
};

/// Fills the rows [begin, begin + B) of `out` from the logits z_bv and overwrites them with exp(z - max z);
/// returns its row sums, sum_b.
at::Tensor block_stats(const at::Tensor& z_bv, const at::Tensor& target_b, std::int64_t begin,
                       const StatsBuffers& out);

/// The loss of CrossEntropyOptions, divided by `num_items`.
struct LossFactors {
  double label_smoothing = 0.0, lse_square_scale = 0.0, num_items = 1.0;
};

/// Whether the device has a fused_cross_entropy() that supports these inputs.
bool supports_fused_cross_entropy(const at::Tensor& logits_cv, const at::Tensor& target_c, std::int64_t begin,
                                  double logit_scale, const LossFactors& factors, const StatsBuffers& out);

/// block_stats() and the gradient, which overwrites the logits, each row in one pass while it is in the
/// cache. `logit_scale` is applied to the logits first, and to the gradient.
void fused_cross_entropy(const at::Tensor& logits_cv, const at::Tensor& target_c, std::int64_t begin,
                         double logit_scale, const LossFactors& factors, const StatsBuffers& out);

}  // namespace sift
