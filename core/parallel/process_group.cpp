#include "parallel/process_group.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include <algorithm>
#include <bit>
#include <chrono>

#include "parallel/paper_backend.h"

namespace sift {
namespace {

// A process that has ended breaks its connections, and the heartbeat finds one that hangs. One that is slow,
// since it writes a large checkpoint, is waited for.
constexpr std::chrono::hours kTimeout{24 * 7};

template <class Operation>
auto guarded(const Operation& operation) {
  try {
    return operation();
  } catch (const c10::Error& error) {
    throw PeerLost(
        fmt::format("the connection to another process broke: {}", error.what_without_backtrace()));
  } catch (const std::exception& error) {
    throw PeerLost(fmt::format("the connection to another process broke: {}", error.what()));
  }
}

using Work = c10::intrusive_ptr<c10d::Work>;

Pending pending(const Work& work) {
  return Pending([work] { guarded([&] { return work->wait(); }); });
}

at::Tensor bytes_of(const std::string& text) {
  at::Tensor bytes = at::empty({static_cast<std::int64_t>(text.size())}, at::kByte);
  std::copy(text.begin(), text.end(), bytes.data_ptr<std::uint8_t>());
  return bytes;
}

std::string text_of(const at::Tensor& bytes) {
  const auto* begin = bytes.const_data_ptr<std::uint8_t>();
  return {begin, begin + bytes.numel()};
}

at::Tensor length_of(const std::string& text) {
  return at::full({1}, static_cast<std::int64_t>(text.size()), at::kLong);
}

}  // namespace

ProcessGroup::ProcessGroup(const c10::intrusive_ptr<c10d::Store>& store, std::int64_t rank, std::int64_t size,
                           const std::string& address)
    : rank_(rank), size_(size) {
  auto options = c10d::ProcessGroupGloo::Options::create(kTimeout);
  options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(address));
  backend_ = guarded([&] {
    return c10::make_intrusive<c10d::ProcessGroupGloo>(store, static_cast<int>(rank), static_cast<int>(size),
                                                       options);
  });
}

ProcessGroup::ProcessGroup(c10::intrusive_ptr<c10d::Backend> backend, std::int64_t rank, std::int64_t size)
    : backend_(std::move(backend)), rank_(rank), size_(size) {}

std::unique_ptr<ProcessGroup> ProcessGroup::on_paper(std::int64_t rank, std::int64_t size) {
  return std::unique_ptr<ProcessGroup>(new ProcessGroup(paper_backend(rank, size), rank, size));
}

ProcessGroup::~ProcessGroup() {
  backend_->shutdown();
}

void ProcessGroup::count(std::int64_t messages, std::int64_t rounds, std::size_t bytes_of_message) {
  ++traffic_->operations;
  traffic_->messages += messages;
  traffic_->rounds += rounds;
  traffic_->bytes += messages * static_cast<std::int64_t>(bytes_of_message);
}

/// Every process sends each other one its part, all at once.
Pending ProcessGroup::reduce_scatter(const at::Tensor& output, const at::Tensor& input) {
  count(size_ - 1, 1, output.nbytes());
  at::Tensor parts = at::empty_like(input);
  at::Tensor sent = input;
  std::vector<std::int64_t> equal_parts;
  const Work work = guarded([&] { return backend_->alltoall_base(parts, sent, equal_parts, equal_parts); });
  return Pending([work, parts, output, size = size_] {
    guarded([&] { return work->wait(); });
    if (output.is_meta()) return;  // there is nothing to add
    output.copy_(parts.narrow(0, 0, output.numel()));
    for (std::int64_t rank = 1; rank < size; ++rank)
      output.add_(parts.narrow(0, rank * output.numel(), output.numel()));
  });
}

/// In a ring: a process sends its own part, and then passes on what it has received.
Pending ProcessGroup::all_gather(const at::Tensor& output, const at::Tensor& input) {
  count(size_ - 1, size_ - 1, input.nbytes());
  at::Tensor received = output, sent = input;
  return pending(guarded([&] { return backend_->_allgather_base(received, sent); }));
}

Pending ProcessGroup::gather(const at::Tensor& output, const at::Tensor& input, std::int64_t root) {
  count(rank_ == root ? 0 : 1, 1, input.nbytes());
  std::vector<at::Tensor> sent{input};
  std::vector<std::vector<at::Tensor>> received;
  if (rank_ == root) received.push_back(output.chunk(size_));
  c10d::GatherOptions options;
  options.rootRank = root;
  return pending(guarded([&] { return backend_->gather(received, sent, options); }));
}

/// In a binomial tree: in each round, every process that has the values sends them to one that has not.
Pending ProcessGroup::broadcast(const at::Tensor& values, std::int64_t root) {
  const auto place = static_cast<std::uint64_t>((rank_ - root + size_) % size_);
  const auto size = static_cast<std::uint64_t>(size_), rounds = std::bit_width(size - 1);
  std::int64_t messages = 0;
  for (std::uint64_t round = std::bit_width(place); round < rounds; ++round)
    if (place + (std::uint64_t{1} << round) < size) ++messages;
  count(messages, static_cast<std::int64_t>(rounds), values.nbytes());
  std::vector<at::Tensor> tensors{values};
  c10d::BroadcastOptions options;
  options.rootRank = root;
  return pending(guarded([&] { return backend_->broadcast(tensors, options); }));
}

at::Tensor ProcessGroup::gathered(const at::Tensor& values_n) {
  at::Tensor all = at::empty({size_ * values_n.numel()}, values_n.options());
  all_gather(all, values_n).wait();
  return all.view({size_, values_n.numel()});
}

std::vector<std::string> ProcessGroup::gathered(const std::string& text) {
  const at::Tensor lengths = gathered(length_of(text)).view({-1});
  const auto longest = lengths.max().item<std::int64_t>();
  at::Tensor padded = at::zeros({std::max<std::int64_t>(1, longest)}, at::kByte);
  padded.narrow(0, 0, static_cast<std::int64_t>(text.size())).copy_(bytes_of(text));
  const at::Tensor all = gathered(padded);
  std::vector<std::string> texts;
  for (std::int64_t rank = 0; rank < size_; ++rank)
    texts.push_back(text_of(all[rank].narrow(0, 0, lengths[rank].item<std::int64_t>())));
  return texts;
}

std::string ProcessGroup::broadcast(const std::string& text, std::int64_t root) {
  const at::Tensor length = length_of(text);
  broadcast(length, root).wait();
  if (length.item<std::int64_t>() == 0) return {};
  const at::Tensor bytes =
      rank_ == root ? bytes_of(text) : at::empty({length.item<std::int64_t>()}, at::kByte);
  broadcast(bytes, root).wait();
  return text_of(bytes);
}

void ProcessGroup::barrier() {
  gathered(at::zeros({1}, at::kByte));
}

}  // namespace sift
