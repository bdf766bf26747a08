#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/intrusive_ptr.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <sift/error.h>
#include "parallel/traffic.h"

namespace c10d {
class Backend;
class Store;
}  // namespace c10d

namespace sift {

/// Another process of the run has ended, so that an operation could not be finished.
class PeerLost : public Error {
 public:
  using Error::Error;
};

/// An operation of a ProcessGroup in progress. Its tensors must not be read or changed before wait().
class Pending {
 public:
  explicit Pending(std::function<void()> wait) : wait_(std::move(wait)) {}
  /// Throws PeerLost.
  void wait() { wait_(); }

 private:
  std::function<void()> wait_;
};

/// Processes that communicate: c10d's Gloo. Every process makes the same calls in the same order. All tensors
/// are contiguous and on the host. Every operation throws PeerLost, at once or in wait().
class ProcessGroup {
 public:
  /// `store` is for this group alone. `address`: of this host, as the other processes reach it.
  ProcessGroup(const c10::intrusive_ptr<c10d::Store>& store, std::int64_t rank, std::int64_t size,
               const std::string& address);
  /// Process `rank` of a group of which it is the only one that exists: nothing is sent, and what the others
  /// would send is what this one sends itself.
  static std::unique_ptr<ProcessGroup> on_paper(std::int64_t rank, std::int64_t size);
  ~ProcessGroup();
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;

  std::int64_t rank() const { return rank_; }
  std::int64_t size() const { return size_; }

  /// Where the tensors of an operation are that stand for `tensor`: on the host. Those of the device meta,
  /// which have no memory, stay there.
  static at::Device device_for(const at::Tensor& tensor) {
    return tensor.is_meta() ? at::Device(at::kMeta) : at::Device(at::kCPU);
  }
  /// Counts what it sends in `traffic`, which outlives it, in place of its own.
  void count_in(Traffic& traffic) { traffic_ = &traffic; }
  const Traffic& traffic() const { return *traffic_; }

  /// Part `rank` of the sum of `input` [size * M] over all processes, into `output` [M]. The processes are
  /// added in the order of their ranks, so that the sum of an element does not depend on its place in
  /// `input`.
  Pending reduce_scatter(const at::Tensor& output, const at::Tensor& input);
  /// The `input` [M] of all processes by rank, into `output` [size * M].
  Pending all_gather(const at::Tensor& output, const at::Tensor& input);
  /// The same for process `root` alone; `output` of the others is not used.
  Pending gather(const at::Tensor& output, const at::Tensor& input, std::int64_t root);
  /// The tensor of process `root`, into that of all others.
  Pending broadcast(const at::Tensor& values, std::int64_t root);

  /// The values [N] of all processes by rank, [size, N].
  at::Tensor gathered(const at::Tensor& values_n);
  /// The texts of all processes by rank.
  std::vector<std::string> gathered(const std::string& text);
  /// The text of process `root`.
  std::string broadcast(const std::string& text, std::int64_t root);
  void barrier();

 private:
  ProcessGroup(c10::intrusive_ptr<c10d::Backend> backend, std::int64_t rank, std::int64_t size);
  void count(std::int64_t messages, std::int64_t rounds, std::size_t bytes_of_message);

  c10::intrusive_ptr<c10d::Backend> backend_;
  std::int64_t rank_, size_;
  Traffic own_traffic_;
  Traffic* traffic_ = &own_traffic_;
};

}  // namespace sift
