#pragma once

#include <string>

namespace sift {

/// The program's log. Plugins write through these functions, never through a logger of their own: a
/// header-only logger would keep a second registry inside the plugin and its lines would go nowhere.
/// Thread-safe. One line each, without a trailing newline.
void log_info(const std::string& line);
void log_warning(const std::string& line);

}  // namespace sift
