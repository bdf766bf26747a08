#pragma once

#include <cstddef>

namespace sift {

/// From here on, large tensors on the CPU live in blocks that are kept for the next tensor of about the same
/// size instead of going back to the system: a step then touches no fresh pages, which the kernel would have
/// to clear, and the blocks consist of huge pages where the system has them. The process never holds more
/// than its tensors once needed at the same time, rounded up to size classes: before a new block would exceed
/// that, the blocks that have waited longest are given back. Tensors made before stay what they are. Safe to
/// call more than once, and from any thread.
void use_caching_allocator();

/// What the allocator holds, in bytes.
struct AllocatorStats {
  std::size_t live = 0;    ///< in large tensors
  std::size_t cached = 0;  ///< waiting for the next ones
  std::size_t peak = 0;    ///< the largest `live` so far
};
AllocatorStats caching_allocator_stats();

}  // namespace sift
