#pragma once

#include <array>
#include <csignal>

#include "base/stop_signals.h"

namespace sift {

/// While it lives, a signal that asks a run to end is only recorded, so that the loop can stop cleanly. A
/// second SIGTERM or SIGINT, later than the copies of the first one that `timeout` or a terminal may send,
/// terminates the process at once with status 128 + signal. Signals that were ignored at the start, as SIGHUP
/// under nohup, stay ignored. At most one instance at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();  ///< restores the previous signal handlers
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// The received signal; 0: none.
  static int received();

 private:
  std::array<struct sigaction, kStopSignals.size()> before_{};
};

}  // namespace sift
