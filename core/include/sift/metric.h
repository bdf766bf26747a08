#pragma once

#include <string>

#include <sift/export.h>
#include <sift/loss.h>

namespace sift {

/// What a metric sees of one micro-batch after the loss: figures that are there already. It never recomputes.
struct MetricInput {
  const Batch& batch;
  const TokenStats& stats;
  /// Load-balancing loss of a mixture of experts, 0-d and not weighted; undefined where there is none.
  at::Tensor aux_loss = {};
};

/// A figure in the log. Its value is the plain mean over the micro-batches since the last log, as in TRL;
/// evaluation logs it under "eval_" + key().
class SIFT_API Metric : public Stateful {
 public:
  ~Metric() override;
  virtual std::string key() const = 0;  ///< e.g. "mean_token_accuracy"
  virtual StatsNeeds needs() const { return {}; }
  /// A 0-d tensor on any device (it is read only when the log is written), or an undefined one to leave
  /// this micro-batch out of the mean. Called without autograd.
  virtual at::Tensor compute(const MetricInput& input) = 0;
};

}  // namespace sift
