#pragma once

#include <csignal>

namespace sift {

/// While it lives, the first SIGTERM or SIGINT is only recorded, so that the loop can stop cleanly; a second
/// one terminates the process at once with status 128 + signal. At most one instance at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();  ///< restores the previous signal handlers
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// The received signal; 0: none.
  static int received();

 private:
  struct sigaction before_term_ {};
  struct sigaction before_int_ {};
};

}  // namespace sift
