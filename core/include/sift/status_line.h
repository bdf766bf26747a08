#pragma once

#include <string>

#include <sift/export.h>

namespace sift {

/// Sets the live status line at the bottom of the terminal, e.g. the progress of a run. It is rewritten in
/// place on stderr and truncated to the width of the terminal. An empty text removes it. Thread-safe. The
/// caller must check that stderr is a terminal.
void set_status_line(const std::string& text);

/// Hides the status line while it exists and restores it on destruction. Code that writes whole lines to
/// stderr, such as the log, holds one so that the two do not mix. Must not be nested.
class SIFT_API StatusLinePause {
 public:
  StatusLinePause();
  ~StatusLinePause();
  StatusLinePause(const StatusLinePause&) = delete;
  StatusLinePause& operator=(const StatusLinePause&) = delete;
};

}  // namespace sift
