#pragma once

#include <filesystem>
#include <string>

namespace sift {

/// The bytes of a file. Throws Error with the name of the file and the reason.
std::string file_text(const std::filesystem::path& file);

}  // namespace sift
