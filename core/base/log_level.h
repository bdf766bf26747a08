#pragma once

#include <string>

namespace sift {

/// The lines of the program's log that are shown.
enum class LogLevel { kAll, kWarnings, kNone };

/// The level of a value of log_level in [train]: "warning" shows warnings, "error" and "critical" nothing,
/// all others everything.
LogLevel log_level_of(const std::string& name);

/// Sets the level for its lifetime. The level holds for all threads.
class LogLevelScope {
 public:
  explicit LogLevelScope(LogLevel level);
  ~LogLevelScope();
  LogLevelScope(const LogLevelScope&) = delete;
  LogLevelScope& operator=(const LogLevelScope&) = delete;

 private:
  LogLevel outer_;
};

/// Whether lines of this importance are shown now.
bool shows_notes();
bool shows_warnings();

}  // namespace sift
