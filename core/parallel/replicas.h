#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "parallel/gradient_buckets.h"
#include "parallel/session_processes.h"

namespace sift {

/// Every process has the whole model and its own rows; gradients are summed (data parallel, PyTorch's
/// DistributedDataParallel).
class Replicas final : public SessionProcesses {
 public:
  /// `session` outlives it.
  Replicas(ParallelSession& session, const GradientBuckets::Options& options)
      : SessionProcesses(session), options_(options) {}

  void begin_update(const std::vector<Parameter>& trainable, std::int64_t num_passes) override;
  void begin_pass() override;
  void reduce_gradients() override { buckets_->finish(); }
  /// The squares are added in float64, so that the norm does not depend on how gradients are divided.
  at::Tensor grad_norm(const std::vector<Parameter>& trainable) override;

 private:
  GradientBuckets::Options options_;
  std::unique_ptr<GradientBuckets> buckets_;
  std::int64_t passes_left_ = 0;
};

}  // namespace sift
