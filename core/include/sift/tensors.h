#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

// Shape suffixes: n tokens of the micro-batch, m scored tokens of it, s documents, h hidden size,
// v vocabulary. `hidden_nh` is [N, H].

namespace sift {

/// The label of a token that is not scored, as in PyTorch's cross_entropy and in TRL.
inline constexpr std::int64_t kIgnoreIndex = -100;

/// A micro-batch: all tokens of its documents in one row, without any padding. Attention never crosses
/// a document. Tensors are on the device of the model.
struct Batch {
  at::Tensor input_ids_n;     ///< int64
  at::Tensor targets_n;       ///< int64, already shifted: the token that follows, or kIgnoreIndex
  at::Tensor position_ids_n;  ///< int64, from 0 in each document
  at::Tensor cu_seqlens_s;    ///< int32 [S + 1]: where each document starts, and N
  at::Tensor scored_m;        ///< int64, ascending: the positions whose target is scored
  std::vector<std::int64_t> document_starts;  ///< the numbers of cu_seqlens_s on the host
  std::int64_t max_seqlen = 0;        ///< tokens of the longest document; of a pass: in its micro-batch
  std::int64_t num_rows = 0;          ///< rows of the data set that it was made of
  std::vector<std::int64_t> row_ids;  ///< which rows, by index in the prepared data set

  std::int64_t num_tokens() const { return document_starts.empty() ? 0 : document_starts.back(); }
  std::int64_t num_scored() const { return scored_m.defined() ? scored_m.numel() : 0; }
};

/// The last projection of the model, from hidden states to logits:
/// logits = softcap(logit_scale * (hidden @ weight_vh^T + bias_v)), softcap(z) = c * tanh(z / c).
struct LmHead {
  at::Tensor weight_vh;  ///< a parameter; the embedding itself when the two are tied
  at::Tensor bias_v;     ///< undefined where the model has none
  double logit_scale = 1.0;
  double softcap = 0.0;  ///< c; 0 means none
};

/// Which figures the metrics of a run need; what nobody needs is not computed.
struct StatsNeeds {
  bool entropy = false;
  bool top1 = false;
};

/// Figures of each scored token.
struct TokenStats {
  at::Tensor log_prob_m;  ///< float32, log-probability of the target in nats; differentiable
  at::Tensor
      entropy_m;  ///< float32, of the whole distribution in nats; undefined when not needed; no gradient
  at::Tensor is_top1_m;  ///< bool, whether the target has the largest logit (the lowest id wins a tie);
                         ///< undefined when not needed
};

}  // namespace sift
