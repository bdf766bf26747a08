#pragma once

#include <string>

#include <sift/export.h>

namespace sift {

/// The one live line at the bottom of a terminal, such as the progress of a run: it is rewritten in place and
/// cut to the width of the terminal. An empty text takes it away. Thread-safe. Whether stderr is a terminal
/// is the caller's business.
void set_status_line(const std::string& text);

/// Takes the status line away while it lives and puts it back afterwards. Whatever writes whole lines to
/// stderr holds one meanwhile, the log above all, so that the two never mix. Not to be nested.
class SIFT_API StatusLinePause {
 public:
  StatusLinePause();
  ~StatusLinePause();
  StatusLinePause(const StatusLinePause&) = delete;
  StatusLinePause& operator=(const StatusLinePause&) = delete;
};

}  // namespace sift
