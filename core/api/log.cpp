#include <sift/log.h>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <sift/status_line.h>
#include "base/log_level.h"

namespace sift {
namespace {

/// On stderr, so that what a command prints as its result stays alone on stdout.
spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = spdlog::stderr_color_mt("sift");
    made->set_pattern("%H:%M:%S %^%l%$ %v");
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *instance;
}

}  // namespace

void log_info(const std::string& line) {
  if (shows_notes()) logger().info("{}", line);
}

void log_warning(const std::string& line) {
  if (shows_warnings()) logger().warn("{}", line);
}

}  // namespace sift
