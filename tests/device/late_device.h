#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Stream.h>

#include <cstdint>
#include <string>
#include <vector>

namespace sift::test {

/// A device as asynchronous as a GPU can be, in memory of the host: what LibTorch calls PrivateUse1. A copy
/// that need not be waited for is done when somebody waits for its stream, not a moment earlier; or at once,
/// on streams beside the first one, where a test asks for that. An order that nobody asked for is never there
/// by luck. Memory that is freed is overwritten as soon as its own stream and those that it was recorded on
/// allow, as a caching allocator would give it to the next tensor. Operators are the CPU's, and wait for the
/// current stream; like a GPU's they refuse tensors of the host.
class LateDevice {
 public:
  struct Copy {
    bool to_host;
    c10::StreamId stream;  ///< 0 is where operators run
    bool waited_for;       ///< by the thread that asked for it
  };

  static at::Device device() { return {at::kPrivateUse1, 0}; }
  /// Whether streams beside the first one do their work at once.
  static void hurry(bool side_streams);
  /// Everything that was asked for is done.
  static void synchronize();
  /// The copies between the host and the device since this was last asked.
  static std::vector<Copy> take_copies();
  /// The operators since this was last asked that gave the host a value of the device, which it waited for.
  static std::vector<std::string> take_reads();
  static std::int64_t live_bytes();
  /// Measured from now on.
  static void reset_peak();
  static std::int64_t peak_bytes();
};

}  // namespace sift::test
