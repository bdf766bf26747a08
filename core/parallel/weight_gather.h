#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "model/weights/parameter.h"
#include "parallel/process_group.h"

namespace sift {

/// Completes weights of which each process has changed its own slice (slice_of()): sends the slices, a bucket
/// of them at a time, one ahead.
class WeightGather {
 public:
  /// `group` outlives it.
  WeightGather(ProcessGroup& group, const std::vector<Parameter>& weights, std::int64_t bucket_bytes);
  void run() const;

 private:
  struct Member {
    at::Tensor weight, slice;  ///< without autograd
    std::int64_t offset = 0;   ///< in the part of each process
  };
  struct Bucket {
    at::ScalarType dtype = at::kFloat;
    std::int64_t length = 0;  ///< of the part of each process
    std::vector<Member> members;
  };
  /// A bucket on its way.
  struct Flight {
    const Bucket* bucket;
    at::Tensor parts;  ///< of all processes
    Pending pending;
  };
  Flight start(const Bucket& bucket) const;
  void finish(Flight& flight) const;

  ProcessGroup& group_;
  std::vector<Bucket> buckets_;
};

}  // namespace sift
