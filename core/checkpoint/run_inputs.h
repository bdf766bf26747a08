#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sift {

/// Something that a run reads.
struct RunInput {
  std::string option;          ///< that names it: "path in [model]"
  std::filesystem::path path;  ///< a file, or a folder whose files are read
};

/// Refuses a run that would replace what it reads: throws Error if an input is inside `output_dir`, by its
/// name or through symbolic links, or is a folder with links to files in there.
void check_outside(const std::filesystem::path& output_dir, const std::vector<RunInput>& inputs);

}  // namespace sift
