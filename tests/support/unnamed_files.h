#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace sift::test {

/// The open files of this process, and the bytes in those that were made in `folder` and have no name.
struct OpenFiles {
  std::int64_t count = 0;
  std::int64_t unnamed = 0;
  std::int64_t unnamed_bytes = 0;
};

inline OpenFiles open_files(const std::filesystem::path& folder) {
  OpenFiles files;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(entry.path(), gone).string();
    ++files.count;
    if (gone || !target.starts_with(folder.string()) || !target.ends_with(" (deleted)")) continue;
    ++files.unnamed;
    struct stat info {};
    if (::stat(entry.path().c_str(), &info) == 0) files.unnamed_bytes += info.st_size;
  }
  return files;
}

}  // namespace sift::test
