#pragma once

#include <csignal>
#include <vector>

#include "parallel/launch/descriptor.h"

namespace sift {

/// While it lives, the signals that a launcher passes on, and that of a child's end, are not delivered but
/// wait to be read. Threads that are started meanwhile do not take them either. Signals that were ignored at
/// the start, as SIGHUP under nohup, stay ignored. At most one instance at a time.
class SignalQueue {
 public:
  SignalQueue();
  ~SignalQueue();
  SignalQueue(const SignalQueue&) = delete;
  SignalQueue& operator=(const SignalQueue&) = delete;

  /// Readable when a signal waits.
  int descriptor() const { return queue_.get(); }
  /// The signals that wait, in the order of their delivery.
  std::vector<int> read();

  /// Gives a child, between fork and exec, the signals that this process had. Safe in a signal handler.
  void restore() const;

 private:
  sigset_t mask_before_{};
  struct sigaction pipe_before_ {};
  Descriptor queue_;
};

}  // namespace sift
