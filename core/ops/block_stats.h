#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

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

}  // namespace sift
