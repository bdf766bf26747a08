#pragma once

#include <cstddef>
#include <filesystem>

namespace sift {

/// A file that appears under its name only when commit() has put it safely on the disk. Until then the bytes
/// are in a file beside it, which is removed when something fails; what stood under the name stays. Every
/// failure is an Error naming the file.
class PartialFile {
 public:
  explicit PartialFile(const std::filesystem::path& file);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  void write(const void* data, std::size_t size);
  void commit();

 private:
  [[noreturn]] void fail(const char* what) const;

  std::filesystem::path final_;
  std::filesystem::path partial_;
  int descriptor_ = -1;
};

}  // namespace sift
