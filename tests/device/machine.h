#pragma once

#include <c10/core/Stream.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "device/late_device.h"

namespace sift::test {

using Work = std::function<void()>;

/// A place in a stream: what had been given to it by then.
struct Mark {
  c10::StreamId stream = 0;
  std::uint64_t place = 0;
};

struct Block {
  std::size_t size = 0;
  c10::StreamId stream = 0;
  std::set<c10::StreamId> recorded;
};

/// The streams and the memory of the device that late_device.h describes. Backward runs on a thread of its
/// own, hence the lock; work is done inside of it.
class Machine {
 public:
  static Machine& the() {
    static auto* machine = new Machine;  // tensors may outlive everything else
    return *machine;
  }

  void give(c10::StreamId stream, Work work) {
    const std::scoped_lock lock(mutex_);
    streams_[stream].waiting.push_back(std::move(work));
    ++streams_[stream].given;
    if (hurries_ && stream != 0) wait_for(mark(stream));
  }

  void hurry(bool hurries) {
    const std::scoped_lock lock(mutex_);
    hurries_ = hurries;
  }

  Mark mark(c10::StreamId stream) {
    const std::scoped_lock lock(mutex_);
    return {stream, streams_[stream].given};
  }

  void wait_for(const Mark& mark) {
    const std::scoped_lock lock(mutex_);
    while (streams_[mark.stream].done < mark.place) {
      const Work work = std::move(streams_[mark.stream].waiting.front());
      streams_[mark.stream].waiting.pop_front();
      ++streams_[mark.stream].done;
      work();
    }
  }

  void wait_for_all() {
    const std::scoped_lock lock(mutex_);
    for (c10::StreamId stream = 0; stream < kStreams; ++stream) wait_for(mark(stream));
  }

  void* allocate(std::size_t size, c10::StreamId stream) {
    const std::scoped_lock lock(mutex_);
    void* address = std::aligned_alloc(64, (size + 63) / 64 * 64);
    std::memset(address, kPoison, size);
    blocks_[address] = {size, stream, {}};
    live_ += static_cast<std::int64_t>(size);
    peak_ = std::max(peak_, live_);
    return address;
  }

  void record(void* address, c10::StreamId stream) {
    const std::scoped_lock lock(mutex_);
    blocks_.at(address).recorded.insert(stream);
  }

  void free(void* address) {
    const std::scoped_lock lock(mutex_);
    const Block block = blocks_.at(address);
    live_ -= static_cast<std::int64_t>(block.size);
    std::vector<Mark> users;
    for (const c10::StreamId stream : block.recorded) users.push_back(mark(stream));
    give(block.stream, [this, address, users, size = block.size] {
      for (const Mark& user : users) wait_for(user);
      std::memset(address, kPoison, size);
      blocks_.erase(address);
      std::free(address);
    });
  }

  void note(const LateDevice::Copy& copy) {
    const std::scoped_lock lock(mutex_);
    copies_.push_back(copy);
  }
  std::vector<LateDevice::Copy> take_copies() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(copies_, {});
  }
  void note_read(const std::string& op) {
    const std::scoped_lock lock(mutex_);
    reads_.push_back(op);
  }
  std::vector<std::string> take_reads() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(reads_, {});
  }
  std::int64_t live() const { return live_; }
  std::int64_t peak() const { return peak_; }
  void reset_peak() { peak_ = live_; }

  static constexpr c10::StreamId kStreams = 8;

 private:
  static constexpr int kPoison = 0x7f;  // large numbers, of every type

  struct Stream {
    std::deque<Work> waiting;
    std::uint64_t given = 0, done = 0;
  };

  std::recursive_mutex mutex_;
  std::map<c10::StreamId, Stream> streams_;
  std::map<void*, Block> blocks_;
  std::vector<LateDevice::Copy> copies_;
  std::vector<std::string> reads_;
  std::int64_t live_ = 0, peak_ = 0;
  bool hurries_ = false;
};

}  // namespace sift::test
