#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Shape suffixes: n tokens of the micro-batch, m scored tokens of the micro-batch, s documents, h hidden
// size, v vocabulary size. `hidden_nh` has the shape [N, H].

namespace sift {

/// The label of a token that does not contribute to the loss, as in PyTorch's cross_entropy and in TRL. All
/// other tokens are called scored.
inline constexpr std::int64_t kIgnoreIndex = -100;

struct NamedTensor {
  std::string name;
  at::Tensor tensor;
};

/// A micro-batch: the tokens of all its documents concatenated, without padding. Attention never crosses
/// document boundaries. Tensors are on the device of the model.
struct Batch {
  /// int64 [N].
  at::Tensor input_ids_n;
  /// int64 [N], already shifted: the next token, or kIgnoreIndex.
  at::Tensor targets_n;
  /// int64 [N], starting at 0 in each document.
  at::Tensor position_ids_n;
  /// int32 [S + 1], start of each document, then N.
  at::Tensor cu_seqlens_s;
  /// int64 [M], positions of the scored tokens, ascending.
  at::Tensor scored_m;
  /// cu_seqlens_s on the host, S + 1 values.
  std::vector<std::int64_t> document_starts;
  /// Start of each document in scored_m, then M; S + 1 values.
  std::vector<std::int64_t> scored_starts;
  /// Tokens of the longest document of the micro-batch, also in a group of it.
  std::int64_t max_seqlen = 0;
  /// Rows of the prepared data set in this micro-batch.
  std::int64_t num_rows = 0;
  /// Indices of these rows in the prepared data set.
  std::vector<std::int64_t> row_ids;

  std::int64_t num_tokens() const { return document_starts.empty() ? 0 : document_starts.back(); }
  std::int64_t num_scored() const { return scored_m.defined() ? scored_m.numel() : 0; }
};

/// The output projection of the model (LM head), from hidden states to logits:
/// logits = softcap(logit_scale * (hidden @ weight_vh^T + bias_v)), softcap(z) = c * tanh(z / c).
struct LmHead {
  /// [V, H], a parameter; the embedding itself if the two are tied.
  at::Tensor weight_vh;
  /// [V]; undefined if the model has none.
  at::Tensor bias_v;
  double logit_scale = 1.0;
  /// c; 0: no softcap.
  double softcap = 0.0;
};

/// The optional stats that the metrics of a run need. Other stats are not computed.
struct StatsNeeds {
  bool entropy = false;
  bool top1 = false;
};

/// Values for each scored token.
struct TokenStats {
  /// float32 [M], log-probability of the target in nats; differentiable.
  at::Tensor log_prob_m;
  /// float32 [M], entropy of the prediction in nats; undefined if not needed; not differentiable.
  at::Tensor entropy_m;
  /// bool [M], whether the target has the largest logit (a tie goes to the lowest id); undefined if not
  /// needed.
  at::Tensor is_top1_m;
};

}  // namespace sift
