#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/weights/parameter.h"
#include "parallel/process_mesh.h"

namespace sift {

/// Sums gradients over processes, a bucket of them at a time, while backward still makes the others. Each
/// process gets all sums, or, with `slices`, those of its own slices.
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
  /// `slices`: of this process, one of each parameter, see slice_of(). They get the gradients then; sums over
  /// the replicas of `mesh` are taken once, in finish(). Without slices, `mesh` has one row.
  GradientBuckets(ProcessMesh mesh, const std::vector<Parameter>& parameters, const Options& options,
                  const std::vector<Parameter>& slices = {});
  ~GradientBuckets();
  GradientBuckets(const GradientBuckets&) = delete;
  GradientBuckets& operator=(const GradientBuckets&) = delete;

  /// Makes them wait in a backward pass until reduce_group() says that a group of parameters has all that it
  /// will get; so the calls of a process do not depend on its rows. The groups come in this order, then the
  /// parameters of none.
  void set_groups(std::vector<std::vector<std::size_t>> groups);
  void reduce_group(std::size_t group);

  /// Gradients are reduced during the next backward pass, together with those that earlier passes have left.
  void begin_backward() { is_reducing_ = true; }
  /// With slices, after a backward pass that is not the last: reduces what is left of it and keeps the sums
  /// of the slices.
  void reduce();
  /// After the last one: reduces what is left. Afterwards each gradient is the sum over all processes.
  void finish();

 private:
  struct Member {
    std::string name;
    at::Tensor weight;
    at::Tensor slice;  ///< undefined without slices
    std::size_t bucket = 0;
    std::int64_t offset = 0;  ///< in the bucket; with slices, in the part of each process
    bool is_ready = false;    ///< copied into the bucket
    bool has_gradient = false;
  };
  struct Bucket {
    std::vector<std::size_t> members;
    at::ScalarType dtype = at::kFloat;
    std::int64_t numel = 0;   ///< a multiple of the number of processes of mesh_
    std::int64_t ready = 0;   ///< members
    at::Tensor values;        ///< [numel], while it is needed
    at::Tensor part;          ///< of this process, [numel / shards]
    at::Tensor sum;           ///< with slices: the parts of all passes so far
    at::Tensor replica_part;  ///< of it, what this process sums over the replicas
    std::optional<Pending> scatter, gather;
  };
  class ReadyHook;

  std::vector<std::size_t> with_rest(std::vector<std::size_t> order) const;
  void assign(const std::vector<std::size_t>& order);
  bool is_bucket(const at::Tensor& gradient, const Bucket& bucket) const;
  void take(std::size_t index);
  void launch_ready();
  void launch(Bucket& bucket);
  void complete(Bucket& bucket);
  void sum_over_replicas();
  at::Tensor have_gradients();
  void hand_out();
  void reorder();
  std::int64_t room_for(const Member& member) const;
  at::Tensor place_of(const Member& member) const;
  void put(const Member& member, const at::Tensor& gradient) const;
  void hand_out(const Member& member) const;

  ProcessMesh mesh_;
  Options options_;
  std::vector<Member> members_;
  std::vector<Bucket> buckets_;
  std::vector<std::vector<std::size_t>> groups_;
  std::vector<std::size_t> order_;  ///< in which the members became ready
  std::size_t launched_ = 0;        ///< buckets
  bool is_sharded_;
  bool is_reducing_ = false;
  bool is_ordered_ = false;
};

}  // namespace sift
