#pragma once

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>
#include <cstdint>
#include <vector>

// Shape suffixes: n tokens, a query heads, k key/value heads, d head_dim.

namespace sift::test {

/// document_attention() with all scores of the batch at once and a mask.
inline at::Tensor dense_attention(const at::Tensor& q_nad, const at::Tensor& k_nkd, const at::Tensor& v_nkd,
                                  const std::vector<std::int64_t>& starts, std::int64_t window = 0,
                                  double softcap = 0.0) {
  const std::int64_t tokens = q_nad.size(0), shared = q_nad.size(1) / k_nkd.size(1);
  at::Tensor document_n = at::zeros({tokens}, at::kLong);
  for (const std::int64_t start : starts) document_n.slice(0, start).add_(1);
  const std::int64_t reach = window > 0 ? window : tokens;
  const at::Tensor allowed_nn = document_n.unsqueeze(1)
                                    .eq(document_n.unsqueeze(0))
                                    .logical_and(at::ones({tokens, tokens}, at::kBool).tril())
                                    .logical_and(at::ones({tokens, tokens}, at::kBool).triu(1 - reach));
  const at::Tensor q_and = q_nad.transpose(0, 1);
  const at::Tensor k_and = k_nkd.repeat_interleave(shared, 1).transpose(0, 1);
  const at::Tensor v_and = v_nkd.repeat_interleave(shared, 1).transpose(0, 1);
  at::Tensor scores =
      at::matmul(q_and, k_and.transpose(1, 2)) / std::sqrt(static_cast<double>(q_nad.size(2)));
  if (softcap != 0.0) scores = (scores / softcap).tanh() * softcap;
  const at::Tensor weights = scores.masked_fill(allowed_nn.logical_not(), -INFINITY).softmax(-1);
  return at::matmul(weights, v_and).transpose(0, 1).flatten(1);
}

}  // namespace sift::test
