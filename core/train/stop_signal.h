#pragma once

#include <csignal>

namespace sift {

/// While it lives, the first SIGTERM or SIGINT is only noted, for the loop to end in good order; a second one
/// ends the process at once, with status 128 + signal. At most one at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();  ///< what the signals did before, they do again
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// The signal that came; 0: none.
  static int received();

 private:
  struct sigaction before_term_ {};
  struct sigaction before_int_ {};
};

}  // namespace sift
