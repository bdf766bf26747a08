#pragma once

#include <memory>
#include <string>
#include <vector>

#include "parallel/gradient_buckets.h"
#include "parallel/parallel.h"
#include "parallel/session.h"

namespace sift {

/// Every process has the whole model and its own rows; gradients are summed (data parallel, PyTorch's
/// DistributedDataParallel).
class Replicas final : public Parallel {
 public:
  /// `session` outlives it.
  Replicas(ParallelSession& session, const GradientBuckets::Options& options)
      : session_(session), options_(options) {}

  std::int64_t rank() const override { return group().rank(); }
  std::int64_t size() const override { return group().size(); }
  bool is_first_of_host() const override { return session_.process().local_rank == 0; }
  at::Tensor gathered(const at::Tensor& values_n) override;
  std::vector<std::string> gathered(const std::string& text) override { return group().gathered(text); }
  std::string of_main(const std::string& text) override { return group().broadcast(text, 0); }
  void barrier() override { group().barrier(); }
  void set_step(std::int64_t step) override { session_.set_step(step); }

  void begin_last_backward(const std::vector<Parameter>& trainable) override;
  void reduce_gradients(const std::vector<Parameter>& trainable) override;
  /// The squares are added in float64, so that the norm does not depend on how gradients are divided.
  at::Tensor grad_norm(const std::vector<Parameter>& trainable) override;

 private:
  ProcessGroup& group() const { return session_.group(); }
  GradientBuckets& buckets(const std::vector<Parameter>& trainable);

  ParallelSession& session_;
  GradientBuckets::Options options_;
  std::unique_ptr<GradientBuckets> buckets_;
};

}  // namespace sift
