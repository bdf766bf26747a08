#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace sift {

/// softmax(q k^T / sqrt(head_dim)) v, causal, each document for itself. q_nad is [N, heads, head_dim]; k_nkd
/// and v_nkd have as many heads or a divisor of them. `document_starts` ends with N. Returns [N, heads *
/// head_dim].
at::Tensor document_attention(const at::Tensor& q_nad, const at::Tensor& k_nkd, const at::Tensor& v_nkd,
                              const std::vector<std::int64_t>& document_starts);

/// The same for the last tokens of one document, whose keys and values are all there: the i-th row of q_nad
/// sees all of k_lkd but the rows after its own position. One row, or as many as there are keys.
at::Tensor tail_attention(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd);

}  // namespace sift
