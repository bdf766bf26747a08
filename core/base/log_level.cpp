#include "base/log_level.h"

#include <atomic>

namespace sift {
namespace {

std::atomic<LogLevel> current_level{LogLevel::kAll};

}  // namespace

LogLevel log_level_of(const std::string& name) {
  if (name == "warning") return LogLevel::kWarnings;
  return name == "error" || name == "critical" ? LogLevel::kNone : LogLevel::kAll;
}

LogLevelScope::LogLevelScope(LogLevel level) : outer_(current_level.exchange(level)) {}

LogLevelScope::~LogLevelScope() {
  current_level = outer_;
}

bool shows_notes() {
  return current_level == LogLevel::kAll;
}

bool shows_warnings() {
  return current_level != LogLevel::kNone;
}

}  // namespace sift
