#include "device/caching_allocator.h"

#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <vector>

namespace sift {
namespace {

constexpr std::size_t kSmallest = std::size_t{1} << 18;  // smaller tensors are left to malloc
constexpr std::size_t kHeader = 64;                      // keeps the alignment LibTorch requires
constexpr std::size_t kHugePage = std::size_t{2} << 20;

/// 64 size classes between powers of two, so at most 1/64 is wasted. Batches of other lengths still reuse
/// blocks: take() returns the smallest sufficient one.
std::size_t size_class(std::size_t bytes) {
  const std::size_t step = std::bit_floor(bytes) / 64;
  return (bytes + step - 1) / step * step;
}

struct Block {
  void* memory;
  std::size_t size;
};

/// New memory that starts at a huge page and uses only whole huge pages: the unused end of a block must not
/// become resident.
void* map(std::size_t size) {
  const std::size_t extra = size < kHugePage ? 0 : kHugePage;
  void* const mapped =
      ::mmap(nullptr, size + extra, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  if (extra == 0) return mapped;
  char* const begin = static_cast<char*>(mapped);
  const std::size_t before = (kHugePage - reinterpret_cast<std::uintptr_t>(begin) % kHugePage) % kHugePage;
  if (before > 0) ::munmap(begin, before);
  if (extra > before) ::munmap(begin + before + size, extra - before);
  ::madvise(begin + before, size / kHugePage * kHugePage, MADV_HUGEPAGE);
  return begin + before;
}

class CachingAllocator final : public c10::Allocator {
 public:
  at::DataPtr allocate(std::size_t bytes) override {
    if (bytes == 0) return {nullptr, nullptr, &release, at::Device(at::kCPU)};
    const std::size_t needed = bytes + kHeader;
    const Block block = needed <= kSmallest - kHeader ? small_block(needed) : large_block(size_class(needed));
    *static_cast<std::size_t*>(block.memory) = block.size;
    void* const data = static_cast<char*>(block.memory) + kHeader;
    return {data, data, &release, at::Device(at::kCPU)};
  }

  at::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void* to, const void* from, std::size_t bytes) const override {
    std::memcpy(to, from, bytes);
  }

  AllocatorStats stats() {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

  /// Never destroyed: tensors of static duration may outlive every other object.
  static CachingAllocator& instance() {
    static CachingAllocator* const allocator = new CachingAllocator;
    return *allocator;
  }

 private:
  static void release(void* data) {
    if (data == nullptr) return;
    void* const memory = static_cast<char*>(data) - kHeader;
    const Block block{memory, *static_cast<std::size_t*>(memory)};
    if (block.size < kSmallest) return std::free(memory);
    CachingAllocator& self = instance();
    const std::lock_guard lock(self.mutex_);
    self.stats_.live -= block.size;
    self.stats_.cached += block.size;
    self.waiting_.push_back(block);
  }

  static Block small_block(std::size_t bytes) {
    const std::size_t size = (bytes + kHeader - 1) / kHeader * kHeader;
    void* const memory = std::aligned_alloc(kHeader, size);
    if (memory == nullptr) throw std::bad_alloc();
    return {memory, size};
  }

  Block large_block(std::size_t size) {
    const std::lock_guard lock(mutex_);
    const Block block = take(size);
    stats_.live += block.size;
    stats_.peak = std::max(stats_.peak, stats_.live);
    return block;
  }

  Block take(std::size_t size) {
    // the smallest sufficient one: a batch shorter than the previous one reuses its blocks
    auto best = waiting_.end();
    for (auto block = waiting_.begin(); block != waiting_.end(); ++block) {
      const bool fits = block->size >= size && block->size <= size + size / 2;
      if (fits && (best == waiting_.end() || block->size <= best->size)) best = block;
    }
    if (best != waiting_.end()) {
      const Block block = *best;
      waiting_.erase(best);
      stats_.cached -= block.size;
      return block;
    }
    const std::size_t allowed = std::max(stats_.peak, stats_.live + size);
    while (!waiting_.empty() && stats_.live + stats_.cached + size > allowed) {
      const Block oldest = waiting_.front();
      waiting_.erase(waiting_.begin());
      stats_.cached -= oldest.size;
      ::munmap(oldest.memory, oldest.size);
    }
    void* const memory = map(size);
    return {memory, size};
  }

  std::mutex mutex_;
  std::vector<Block> waiting_;  // oldest first
  AllocatorStats stats_;
};

}  // namespace

void use_caching_allocator() {
  c10::SetCPUAllocator(&CachingAllocator::instance());
}

AllocatorStats caching_allocator_stats() {
  return CachingAllocator::instance().stats();
}

}  // namespace sift
