#pragma once

#include <cstdint>
#include <optional>

#include <sift/loss.h>

namespace sift {

/// Options of the cross entropy. For a token with logits z and target y over a vocabulary of size V, with
/// log Z = log sum exp z and e = label_smoothing, the loss is
///
///     (1 - e) (log Z - z_y) + e (log Z - mean z) + lse_square_scale (log Z)^2
///
/// The second term is the cross entropy with the uniform distribution (arXiv 1512.00567, section 7), the
/// third is PaLM's z-loss (arXiv 2204.02311, section 5). Names and semantics follow Liger.
struct CrossEntropyOptions {
  /// Scored tokens per chunk of logits; 0: derived from the vocabulary size.
  std::int64_t chunk_rows = 0;
  double label_smoothing = 0.0;
  double lse_square_scale = 0.0;
  /// Overrides the softcap of the head; 0: no softcap.
  std::optional<double> softcap = {};
};

/// The summed cross entropy of the scored tokens divided by num_items, and the requested stats, in a single
/// pass over the logits. The gradients of the hidden states and of the head are computed in the forward pass,
/// chunk by chunk, so backward does not recompute the logits: three matrix products with the head instead of
/// the four of token_stats(). In exchange, the gradient of the head (the size of the head) stays in memory
/// from forward to backward. With autograd off no gradient is computed. The stats are not differentiable.
LossOutput linear_cross_entropy(const LossInput& input, const CrossEntropyOptions& options = {});

}  // namespace sift
