#pragma once

#include <ATen/TensorOperators.h>  // operators on tensors; includes every at:: function

#include <sift/export.h>
#include <sift/stateful.h>
#include <sift/tensors.h>

namespace sift {

/// The input of a loss: one micro-batch, or a group of its documents. It holds the head instead of the
/// logits: [N, V] logits are never materialised, and those of the scored tokens only if a loss calls
/// logits_mv(). The references are valid during the call only.
struct LossInput {
  const Batch& batch;
  /// [N, H], float32 or bfloat16, last hidden states, after the final norm.
  at::Tensor hidden_nh;
  const LmHead& head;
  /// Scored tokens of the optimizer step, over all micro-batches and processes; at least 1.
  std::int64_t num_items = 0;
  StatsNeeds needs;

  /// int64 [M], targets of the scored tokens.
  at::Tensor targets_m() const;
  /// [M, H], hidden states of the scored tokens.
  at::Tensor scored_hidden_mh() const;
  /// float32 [M, V], logits of the scored tokens, differentiable. Takes M * V * 4 bytes, and the same again
  /// in backward: prefer token_stats().
  at::Tensor logits_mv() const;
};

struct LossOutput {
  /// float32 scalar (0-d), divided by num_items: the losses of the micro-batches add up to that of the step.
  at::Tensor loss;
  /// Input of the metrics; log_prob_m may be undefined if the loss does not compute it.
  TokenStats stats;
};

/// Computes log_prob_m (differentiable) and, if input.needs requests them, entropy_m and is_top1_m of the
/// scored tokens. Works in chunks: at most one chunk of logits is in memory at a time; backward recomputes
/// them.
TokenStats token_stats(const LossInput& input);

/// The output for a micro-batch without scored tokens: a loss of 0 that is connected to the hidden states, so
/// that backward works and gives gradients of 0, and empty stats.
LossOutput nothing_scored(const LossInput& input);

/// A loss. compute() is called once per micro-batch (but see sums_over_tokens()), with autograd on in
/// training and off in evaluation, always on the thread of the training loop. Errors: throw sift::Error; the
/// run ends with a message that names the loss and the step.
class SIFT_API Loss : public Stateful {
 public:
  ~Loss() override;
  virtual LossOutput compute(const LossInput& input) = 0;
  /// Whether the loss is a sum over scored tokens divided by num_items, where each token's term depends on
  /// its own document only. If so, Sift may split a micro-batch by documents over several calls to save
  /// memory (max_tokens_per_pass in [train]); the returned losses are summed.
  virtual bool sums_over_tokens() const { return false; }
};

/// A loss that applies a function to the stats of each scored token: the sum of the results divided by
/// num_items.
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
  /// Returns float32 [M], the loss of each scored token, differentiable.
  virtual at::Tensor per_token(const TokenStats& stats) = 0;
};

}  // namespace sift
