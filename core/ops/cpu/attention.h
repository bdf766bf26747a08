#pragma once

#include <cstdint>
#include <vector>

namespace sift::cpu {

// Causal attention over concatenated documents, in float32 or float64: tile by tile, so that the scores stay
// in the cache, and all documents and heads at once. As in kernels.h, call it only if available().

struct AttentionShape {
  std::int64_t heads, kv_heads, head_dim;
  std::int64_t window;  ///< maximum number of keys that a token sees, its own included; 0: no limit
  double scale;
  std::vector<std::int64_t> starts;  ///< of the documents; the last is the number of tokens l
  /// The queries are those of the tokens from this one on, n = l - first_query.
  std::int64_t first_query;

  std::int64_t num_queries() const { return starts.back() - first_query; }
};

/// out_nad = softmax(scale q k^T) v; lse_an is the logarithm of the divisor of each softmax.
template <class T>
void attention(const AttentionShape& shape, const T* q_nad, const T* k_lkd, const T* v_lkd, T* out_nad,
               T* lse_an);

/// Inputs and outputs of the forward pass that backward needs.
template <class T>
struct AttentionSaved {
  const T *q_nad, *k_lkd, *v_lkd, *out_nad, *lse_an;
};
template <class T>
struct AttentionGrads {
  T *q_nad, *k_lkd, *v_lkd;
};
/// With p the softmax, dp = g v^T and ds = p (dp - sum(g out)): dq = scale ds k, dk = scale ds^T q and
/// dv = p^T g (FlashAttention-2, algorithm 2).
template <class T>
void attention_backward(const AttentionShape& shape, const AttentionSaved<T>& saved, const T* grad_nad,
                        const AttentionGrads<T>& grads);

}  // namespace sift::cpu
