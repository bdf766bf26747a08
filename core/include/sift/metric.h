#pragma once

#include <string>

#include <sift/export.h>
#include <sift/loss.h>

namespace sift {

/// The input of a metric: one micro-batch and the stats that the loss has already computed. Metrics never
/// recompute logits. The references are valid during the call only.
struct MetricInput {
  const Batch& batch;
  const TokenStats& stats;
  /// Load-balancing loss of a mixture of experts, a scalar (0-d) without its coefficient; undefined for other
  /// models.
  at::Tensor aux_loss = {};
};

/// A value in the log: the unweighted mean over the micro-batches since the last log entry, as in TRL. The
/// micro-batches that several processes run at the same time count as one, whose value is the mean of theirs
/// by weight(). Evaluation logs it as "eval_" + key().
class SIFT_API Metric : public Stateful {
 public:
  ~Metric() override;
  /// Its key in the log, e.g. "mean_token_accuracy".
  virtual std::string key() const = 0;
  virtual StatsNeeds needs() const { return {}; }
  /// Returns a scalar (0-d) tensor on any device; it is read only when a log entry is written. An undefined
  /// tensor excludes this micro-batch from the mean. Called with autograd off.
  virtual at::Tensor compute(const MetricInput& input) = 0;
  /// How much this micro-batch counts beside those of other processes. By default its scored tokens, as a
  /// mean over tokens needs it.
  virtual double weight(const MetricInput& input) const;
};

}  // namespace sift
