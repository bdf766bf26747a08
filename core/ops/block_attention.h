#pragma once

#include <ATen/core/Tensor.h>

#include "ops/attention.h"

namespace sift {

/// softmax(z) v with z = scale q k^T, or, with c = options.softcap above 0, z = c * tanh(scale q k^T / c)
/// (Gemma 2, arXiv 2408.00118), causal and within options.window, for the last tokens of one document: the
/// i-th of n rows of q_nad has the position of the i-th of the last n rows of k_lkd. It runs in blocks of
/// queries, one in memory at a time, and backward recomputes them: for what no fused kernel supports, as the
/// tanh and fewer queries than keys. Returns [N, heads * head_dim].
at::Tensor block_attention(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd,
                           const AttentionOptions& options);

}  // namespace sift
