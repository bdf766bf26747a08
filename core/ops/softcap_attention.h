#pragma once

#include <ATen/core/Tensor.h>

#include "ops/attention.h"

namespace sift {

/// softmax(c * tanh(scale * q k^T / c)) v with c = options.softcap, above 0 (Gemma 2, arXiv 2408.00118),
/// causal and within options.window, for the last tokens of one document: the i-th of n rows of q_nad has the
/// position of the i-th of the last n rows of k_lkd. No fused kernel supports the tanh, so it runs in blocks
/// of queries, one in memory at a time; backward recomputes them. Returns [N, heads * head_dim].
at::Tensor softcap_attention(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd,
                             const AttentionOptions& options);

}  // namespace sift
