#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace sift {

/// The mask of window_mask(), created on first use and shared by many layers: each keeps it for backward.
class SharedWindowMask {
 public:
  const at::Tensor& of(std::int64_t window, at::Device device);

 private:
  at::Tensor mask_;
};

struct AttentionOptions {
  std::int64_t window = 0;      ///< maximum number of keys a token sees, its own included; 0: no limit
  std::optional<double> scale;  ///< head_dim^-0.5 when not set
  std::shared_ptr<SharedWindowMask> window_mask;  ///< of this window; nullptr: each call creates its own
  double softcap = 0.0;                           ///< c: each score is replaced by c tanh(score / c); 0: none
};

/// options.scale or its default.
double scale_of(const AttentionOptions& options, const at::Tensor& q_nad);

/// [w, 2 w] bool: which keys of its own block of w tokens and the one before each query of a block sees.
at::Tensor window_mask(std::int64_t window, at::Device device);

/// softmax(scale * q k^T) v, causal within each document. With a window of w, memory is proportional to
/// tokens times w, never to their square; with a softcap it is that of a few rows. q_nad is [N, heads,
/// head_dim] and has the last N tokens of L, all but those at the beginning of the first document; k_lkd and
/// v_lkd have all of them, and as many heads or a divisor. `document_starts` ends with L. Returns
/// [N, heads * head_dim].
at::Tensor document_attention(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd,
                              const std::vector<std::int64_t>& document_starts,
                              const AttentionOptions& options = {});

/// The same for the last tokens of one document, given all its keys and values: the i-th row of q_nad sees
/// all rows of k_lkd up to its own position. One row, or as many rows as keys.
at::Tensor tail_attention(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd,
                          const AttentionOptions& options = {});

}  // namespace sift
