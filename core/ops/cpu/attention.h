#pragma once

#include <cstdint>
#include <vector>

namespace sift::cpu {

// Causal attention over documents that lie one after the other, in float32: tile by tile, so that the scores
// never leave the cache, and all documents and heads at once. See kernels.h for what may call it.

struct AttentionShape {
  std::int64_t heads, kv_heads, head_dim;
  std::int64_t window;  ///< keys that a token sees at most, its own included; 0: no limit
  float scale;
  std::vector<std::int64_t> starts;  ///< of the documents; the last is the number of tokens n
};

/// out_nad = softmax(scale q k^T) v; lse_an is the logarithm of what each softmax was divided by.
void attention(const AttentionShape& shape, const float* q_nad, const float* k_nkd, const float* v_nkd,
               float* out_nad, float* lse_an);

/// What backward needs of the forward pass, all of it as it was there.
struct AttentionSaved {
  const float *q_nad, *k_nkd, *v_nkd, *out_nad, *lse_an;
};
struct AttentionGrads {
  float *q_nad, *k_nkd, *v_nkd;
};
/// With p the softmax, dp = g v^T and ds = p (dp - sum(g out)): dq = scale ds k, dk = scale ds^T q and
/// dv = p^T g (FlashAttention-2, algorithm 2).
void attention_backward(const AttentionShape& shape, const AttentionSaved& saved, const float* grad_nad,
                        const AttentionGrads& grads);

}  // namespace sift::cpu
