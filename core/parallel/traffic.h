#pragma once

#include <cstdint>

namespace sift {

/// What a process has sent to the others.
struct Traffic {
  std::int64_t operations = 0;  ///< of a ProcessGroup
  std::int64_t messages = 0;    ///< each to one other process
  std::int64_t rounds = 0;      ///< of messages that wait for those of the round before
  std::int64_t bytes = 0;

  bool operator==(const Traffic&) const = default;
  /// What was sent since `earlier`.
  Traffic since(const Traffic& earlier) const {
    return {operations - earlier.operations, messages - earlier.messages, rounds - earlier.rounds,
            bytes - earlier.bytes};
  }
};

}  // namespace sift
