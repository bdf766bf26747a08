#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <sift/error.h>

namespace sift {

/// Compares the files of a checkpoint with its manifest. Empty if all are unchanged; otherwise one line with
/// the file, the value found and the value expected. A checkpoint of transformers has no manifest: its files
/// are checked only when they are read.
std::string damage_of(const std::filesystem::path& checkpoint);

/// The content of a file that every checkpoint has. Throws Error if it is missing.
std::string read_checkpoint_file(const std::filesystem::path& file);

/// The error for a file of a checkpoint whose content cannot be used.
Error damaged_file(const std::filesystem::path& file, std::string_view reason);

}  // namespace sift
