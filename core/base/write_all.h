#pragma once

#include <string_view>

namespace sift {

/// Writes the whole text to a descriptor, and waits where another program made its pipe or terminal
/// non-blocking. Returns false, with errno, if the rest cannot be written.
bool write_all(int descriptor, std::string_view text);

}  // namespace sift
