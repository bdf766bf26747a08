#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "api/tensors.h"

// Shape suffixes: m scored tokens, b of a block of them, v vocabulary.

namespace sift {

/// Figures of all scored tokens, filled block by block; an undefined one is not computed.
struct StatsBuffers {
  at::Tensor log_z_m;
  at::Tensor log_prob_m;
  at::Tensor entropy_m;
  at::Tensor is_top1_m;
  at::Tensor mean_logit_m;

  StatsBuffers(std::int64_t num_scored, const at::TensorOptions& options, const StatsNeeds& needs);
};

/// Softmax of a block, not divided yet.
struct BlockSoftmax {
  at::Tensor exp_bv;  ///< exp(z - max z)
  at::Tensor sum_b;   ///< of a row of it
};

/// Fills the rows [begin, begin + B) of `out` from the logits z_bv, which are used up.
BlockSoftmax block_stats(const at::Tensor& z_bv, const at::Tensor& target_b, std::int64_t begin,
                         const StatsBuffers& out);

/// What a softmax in place of the logits is multiplied with and loses, row by row, to become the gradient of
/// the loss of CrossEntropyOptions; `num_items` divides it all.
struct LossFactors {
  double label_smoothing = 0.0, lse_square_scale = 0.0, num_items = 1.0;
};

/// Whether fused_cross_entropy() can work on these logits.
bool takes_fused_cross_entropy(const at::Tensor& logits_cv, const StatsBuffers& out);

/// block_stats() and, where `factors` are given, the gradient in place of the logits, each row in one go
/// while the cache has it. `logit_scale` is applied to the logits first, and to the gradient.
void fused_cross_entropy(const at::Tensor& logits_cv, const at::Tensor& target_c, std::int64_t begin,
                         double logit_scale, const std::optional<LossFactors>& factors,
                         const StatsBuffers& out);

}  // namespace sift
