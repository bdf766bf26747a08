#pragma once

#include <string_view>

namespace sift {

/// Writes why this process failed to the file that torchrun and `sift launch` name in
/// TORCHELASTIC_ERROR_FILE, in torchelastic's format. Does nothing if the variable is not set, or the file
/// cannot be written: the error is printed as well.
void write_error_file(std::string_view message);

}  // namespace sift
