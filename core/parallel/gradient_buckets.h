#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/weights/parameter.h"
#include "parallel/process_group.h"

namespace sift {

/// Sums the gradients of replicas, a bucket of them at a time, while backward still makes the others.
///
/// A bucket is reduced once all its gradients are ready, the buckets in the same order on every process. The
/// first update finds the order in which gradients become ready. The sum of an element does not depend on its
/// bucket, so that a resumed run, which finds the order anew, gets the same bits.
class GradientBuckets {
 public:
  struct Options {
    std::int64_t bucket_bytes = std::int64_t{25} << 20;  ///< as PyTorch's DistributedDataParallel
    at::ScalarType dtype = at::kFloat;  ///< in which gradients are added; kUndefined: in their own
  };
  /// `group` outlives it.
  GradientBuckets(ProcessGroup& group, std::vector<Parameter> parameters, const Options& options);
  ~GradientBuckets();
  GradientBuckets(const GradientBuckets&) = delete;
  GradientBuckets& operator=(const GradientBuckets&) = delete;

  /// The next backward pass is the last of the update.
  void begin_last_backward() { is_last_ = true; }
  /// Reduces what is left. Afterwards each gradient is the sum over all processes.
  void finish();

 private:
  struct Member {
    std::string name;
    at::Tensor weight;
    std::size_t bucket = 0;
    std::int64_t offset = 0;  ///< in the bucket, in elements
    bool is_ready = false;    ///< copied into the bucket
    bool has_gradient = false;
  };
  struct Bucket {
    std::vector<std::size_t> members;
    at::ScalarType dtype = at::kFloat;
    std::int64_t numel = 0;  ///< a multiple of the number of processes
    std::int64_t ready = 0;  ///< members
    at::Tensor values;       ///< [numel], while it is needed
    at::Tensor part;         ///< of this process, [numel / size]
    std::optional<Pending> scatter, gather;
  };
  class ReadyHook;

  void assign(const std::vector<std::size_t>& order);
  void take(std::size_t index);
  void launch_ready();
  void launch(Bucket& bucket);
  void start_gather(Bucket& bucket);
  at::Tensor have_gradients();
  void hand_out();
  void reorder();
  at::Tensor slice(const Member& member) const;

  ProcessGroup& group_;
  Options options_;
  std::vector<Member> members_;
  std::vector<Bucket> buckets_;
  std::vector<std::size_t> order_;  ///< in which the members became ready
  std::size_t launched_ = 0;        ///< buckets
  bool is_last_ = false;
  bool is_ordered_ = false;
};

}  // namespace sift
