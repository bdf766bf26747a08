#pragma once

#include <cstddef>

namespace sift {

/// Installs an allocator that caches the blocks of large CPU tensors for the next tensor of about the same
/// size instead of returning them to the system: a step then touches no new pages, which the kernel would
/// have to zero, and the blocks use huge pages where available. The process never holds more than the peak of
/// its live tensors, rounded up to size classes: before a new block would exceed it, the oldest cached blocks
/// are released. Existing tensors are not affected. Safe to call more than once, and from any thread.
void use_caching_allocator();

/// Memory held by the allocator, in bytes.
struct AllocatorStats {
  std::size_t live = 0;    ///< in large tensors
  std::size_t cached = 0;  ///< free for reuse
  std::size_t peak = 0;    ///< the largest `live` so far
};
AllocatorStats caching_allocator_stats();

}  // namespace sift
