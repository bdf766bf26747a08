#pragma once

#include <string>
#include <vector>

namespace sift {

/// The files named by train or eval in [data]. Each name is a file or a glob(7) pattern, whose matches are
/// sorted by name. Throws Error if a pattern matches nothing.
std::vector<std::string> data_files(const std::vector<std::string>& names);

}  // namespace sift
