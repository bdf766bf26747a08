#pragma once

#include <string>

namespace sift {

/// The program's log. Plugins must use these functions and not a logger of their own: a header-only logger
/// would create a second registry inside the plugin, and its lines would be lost. Thread-safe. Each call logs
/// one line; `line` has no trailing newline.
void log_info(const std::string& line);
void log_warning(const std::string& line);

}  // namespace sift
