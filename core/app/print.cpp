#include "app/print.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <sift/error.h>

namespace sift {

namespace {

/// Waits until a pipe that another program made non-blocking has room.
void wait_for_room() {
  ::pollfd output{STDOUT_FILENO, POLLOUT, 0};
  ::poll(&output, 1, -1);
}

}  // namespace

void print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      wait_for_room();
      continue;
    }
    if (written < 0) {
      throw Error(
          fmt::format("the result cannot be written to the standard output: {}; what it shows is incomplete",
                      std::strerror(errno)));
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace sift
