#pragma once

#include <cstdint>
#include <memory>

namespace sift {

/// Counts the bytes that tensors of the device meta, which have no memory, would take, while it lives. One at
/// a time.
class MetaMemory {
 public:
  MetaMemory();
  ~MetaMemory();
  MetaMemory(const MetaMemory&) = delete;
  MetaMemory& operator=(const MetaMemory&) = delete;

  /// Of all tensors made since the beginning that are still there.
  std::int64_t bytes() const { return count_->bytes; }
  /// The most since begin_peak().
  std::int64_t peak_bytes() const { return count_->peak; }
  void begin_peak() { count_->peak = count_->bytes; }

 private:
  struct Count {
    std::int64_t bytes = 0, peak = 0;
  };
  class Counting;

  std::shared_ptr<Count> count_ = std::make_shared<Count>();
  std::unique_ptr<Counting> counting_;
};

}  // namespace sift
