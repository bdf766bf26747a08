#pragma once

#include <ATen/TensorOperators.h>  // arithmetic on tensors, and with it every at:: function

#include <sift/export.h>
#include <sift/stateful.h>
#include <sift/tensors.h>

namespace sift {

/// What a loss sees of one micro-batch. It sees the head, not the logits: [N, V] is never built unless asked
/// for.
struct LossInput {
  const Batch& batch;
  at::Tensor hidden_nh;  ///< last hidden states, after the final norm
  const LmHead& head;
  std::int64_t num_items =
      0;  ///< scored tokens of the whole update, over its micro-batches and processes; at least 1
  StatsNeeds needs;

  at::Tensor targets_m() const;         ///< int64, targets of the scored tokens
  at::Tensor scored_hidden_mh() const;  ///< hidden states of the scored tokens
  /// float32 [M, V] logits of the scored tokens, differentiable. Costs M * V * 4 bytes, and as much again
  /// in backward: prefer token_stats().
  at::Tensor logits_mv() const;
};

struct LossOutput {
  at::Tensor
      loss;  ///< 0-d float32, normalised by num_items: the sum over micro-batches is the loss of the update
  TokenStats stats;  ///< what the metrics read; log_prob_m may be undefined when the loss has no use for it
};

/// log_prob_m (differentiable) and, where needed, entropy_m and is_top1_m of the scored tokens, computed in
/// chunks: at most one chunk of logits exists at a time; backward computes them again.
TokenStats token_stats(const LossInput& input);

/// What a loss returns for a micro-batch in which nothing is scored: 0 whatever the hidden states are,
/// connected to them so that backward finds its way, and empty stats.
LossOutput nothing_scored(const LossInput& input);

/// A loss. Called once for each micro-batch (see sums_over_tokens), in training with autograd on and in
/// evaluation without; always on the thread of the training loop. Errors: throw sift::Error; the run ends
/// naming loss and step.
class SIFT_API Loss : public Stateful {
 public:
  ~Loss() override;
  virtual LossOutput compute(const LossInput& input) = 0;
  /// Whether the loss is a sum over scored tokens, divided by num_items, and what a token adds depends on its
  /// own document alone. Sift then may give the documents of a micro-batch in several calls, which takes less
  /// memory (max_tokens_per_pass in [train]); the sum of what they return is the loss of the micro-batch.
  virtual bool sums_over_tokens() const { return false; }
};

/// A loss that is a sum over scored tokens of a function of their stats, divided by num_items.
///
///     class Focal final : public PerTokenLoss {
///       at::Tensor per_token(const TokenStats& s) override { return -s.log_prob_m * (1 -
///       s.log_prob_m.exp()); }
///     };
class SIFT_API PerTokenLoss : public Loss {
 public:
  ~PerTokenLoss() override;
  LossOutput compute(const LossInput& input) final;
  bool sums_over_tokens() const override { return true; }

 protected:
  /// float32 [M], the loss of each scored token.
  virtual at::Tensor per_token(const TokenStats& stats) = 0;
};

}  // namespace sift
