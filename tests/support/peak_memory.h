#pragma once

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <cstdint>
#include <memory>

namespace sift::test {

/// Counts the memory of tensors on the CPU that this thread takes while it lives.
class PeakMemory {
 public:
  /// The most bytes that were in use at a time, beyond those at the start.
  std::int64_t bytes() const { return count_->peak; }

 private:
  struct Count final : c10::MemoryReportingInfoBase {
    std::int64_t now = 0;
    std::int64_t peak = 0;
    void reportMemoryUsage(void*, std::int64_t size, size_t, size_t, c10::Device) override {
      now += size;
      peak = std::max(peak, now);
    }
    bool memoryProfilingEnabled() const override { return true; }
  };

  std::shared_ptr<Count> count_ = std::make_shared<Count>();
  c10::DebugInfoGuard guard_{c10::DebugInfoKind::PROFILER_STATE, count_};
};

}  // namespace sift::test
