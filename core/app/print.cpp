#include "app/print.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <sift/error.h>
#include "base/write_all.h"

namespace sift {

void print(std::string_view text) {
  if (write_all(STDOUT_FILENO, text)) return;
  throw Error(
      fmt::format("the result cannot be written to the standard output: {}; what it shows is incomplete",
                  std::strerror(errno)));
}

}  // namespace sift
