#pragma once

#include <string_view>

namespace sift {

/// Prints a part of the result of a command to the standard output, at once. Throws Error if it cannot be
/// written, for example to a full disk: a result that is cut short must not look like a success.
void print(std::string_view text);

}  // namespace sift
