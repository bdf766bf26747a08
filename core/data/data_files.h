#pragma once

#include <string>
#include <vector>

namespace sift {

/// The files that train or eval in [data] name: each name is a file or a pattern of glob(7), whose files come
/// in the order of their names. Throws Error naming the pattern that nothing matches.
std::vector<std::string> data_files(const std::vector<std::string>& names);

}  // namespace sift
