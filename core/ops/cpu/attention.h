#pragma once

#include <cstdint>
#include <vector>

namespace sift::cpu {

// Causal attention over documents that lie one after the other, in float32 or float64: tile by tile, so that
// the scores never leave the cache, and all documents and heads at once. See kernels.h for what may call it.

struct AttentionShape {
  std::int64_t heads, kv_heads, head_dim;
  std::int64_t window;  ///< keys that a token sees at most, its own included; 0: no limit
  double scale;
  std::vector<std::int64_t> starts;  ///< of the documents; the last is the number of tokens n
};

/// out_nad = softmax(scale q k^T) v; lse_an is the logarithm of what each softmax was divided by.
template <class T>
void attention(const AttentionShape& shape, const T* q_nad, const T* k_nkd, const T* v_nkd, T* out_nad,
               T* lse_an);

/// What backward needs of the forward pass, all of it as it was there.
template <class T>
struct AttentionSaved {
  const T *q_nad, *k_nkd, *v_nkd, *out_nad, *lse_an;
};
template <class T>
struct AttentionGrads {
  T *q_nad, *k_nkd, *v_nkd;
};
/// With p the softmax, dp = g v^T and ds = p (dp - sum(g out)): dq = scale ds k, dk = scale ds^T q and
/// dv = p^T g (FlashAttention-2, algorithm 2).
template <class T>
void attention_backward(const AttentionShape& shape, const AttentionSaved<T>& saved, const T* grad_nad,
                        const AttentionGrads<T>& grads);

}  // namespace sift::cpu
