#pragma once

#include <cstdint>
#include <optional>

#include <sift/loss.h>

namespace sift {

/// What a cross entropy can have beside the plain one. For the logits z of a token with target y in a
/// vocabulary of V, with log Z = log sum exp z and e = label_smoothing, its loss is
///
///     (1 - e) (log Z - z_y) + e (log Z - mean z) + lse_square_scale (log Z)^2
///
/// The second term is the cross entropy with the uniform distribution (arXiv 1512.00567, section 7), the
/// third is PaLM's z-loss (arXiv 2204.02311, section 5). Names and meaning are Liger's.
struct CrossEntropyOptions {
  std::int64_t chunk_rows = 0;  ///< scored tokens whose logits exist at a time; 0: chosen from the vocabulary
  double label_smoothing = 0.0;
  double lse_square_scale = 0.0;
  std::optional<double> softcap = {};  ///< instead of the head's; 0 means none
};

/// The cross entropy of the scored tokens over num_items, with the stats that are needed, all of one pass
/// over the logits. It makes the gradients of hidden states and head in the forward pass, chunk by chunk, so
/// the logits are never computed again: three products with the head where token_stats needs four. In
/// exchange the gradient of the head, as large as the head, lives from forward to backward. Without autograd
/// no gradient is made. The stats have no gradient.
LossOutput linear_cross_entropy(const LossInput& input, const CrossEntropyOptions& options = {});

}  // namespace sift
