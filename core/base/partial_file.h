#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace sift {

/// A file that gets its final name only when commit() has synced it to the disk. Until then its bytes are in
/// a temporary file beside it, which is removed on failure; an existing file stays unchanged. Every failure
/// is an Error that names the file.
class PartialFile {
 public:
  explicit PartialFile(const std::filesystem::path& file);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  void write(const void* data, std::size_t size);
  /// The next bytes are written at this distance from the beginning.
  void seek(std::uint64_t position);
  void commit();

 private:
  [[noreturn]] void fail(const char* what) const;

  std::filesystem::path final_;
  std::filesystem::path partial_;
  int descriptor_ = -1;
};

}  // namespace sift
