#include "ops/attention.h"

#include <ATen/Functions.h>

#include <optional>

#include "api/saved_tensors.h"

// Shape suffixes: n tokens, l keys, a query heads, k key/value heads, d head_dim.

namespace sift {
namespace {

/// One document.
at::Tensor attend(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd, bool causal) {
  const auto heads_first = [](const at::Tensor& x) { return x.transpose(0, 1).unsqueeze(0); };
  const bool shared = q_nad.size(1) != k_lkd.size(1);
  const at::Tensor out_1and = keep_output({q_nad, k_lkd, v_lkd}, [&] {
    return at::scaled_dot_product_attention(heads_first(q_nad), heads_first(k_lkd), heads_first(v_lkd), {},
                                            0.0, causal, std::nullopt, shared);
  });
  return out_1and.squeeze(0).transpose(0, 1).reshape({q_nad.size(0), -1});
}

}  // namespace

at::Tensor document_attention(const at::Tensor& q_nad, const at::Tensor& k_nkd, const at::Tensor& v_nkd,
                              const std::vector<std::int64_t>& document_starts) {
  if (document_starts.size() == 2) return attend(q_nad, k_nkd, v_nkd, true);
  std::vector<std::int64_t> lengths;
  for (std::size_t i = 1; i < document_starts.size(); ++i) {
    lengths.push_back(document_starts[i] - document_starts[i - 1]);
  }
  // split and cat undo each other in backward; slices would add a buffer of the whole batch for each
  // document.
  const auto q = q_nad.split_with_sizes(lengths);
  const auto k = k_nkd.split_with_sizes(lengths);
  const auto v = v_nkd.split_with_sizes(lengths);
  std::vector<at::Tensor> outs;
  for (std::size_t i = 0; i < lengths.size(); ++i) outs.push_back(attend(q[i], k[i], v[i], true));
  return at::cat(outs);
}

at::Tensor tail_attention(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd) {
  return attend(q_nad, k_lkd, v_lkd, q_nad.size(0) > 1);
}

}  // namespace sift
