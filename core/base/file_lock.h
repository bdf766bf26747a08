#pragma once

#include <filesystem>
#include <memory>

namespace sift {

/// An advisory lock on a file (flock) for as long as the object lives; it ends with the process in any case.
class FileLock {
 public:
  enum class Kind {
    kShared,    ///< any number of them at once
    kExclusive  ///< the only one
  };

  /// Without waiting: nullptr when the file is not there, or is locked in a way that excludes this:
  /// then errno is EWOULDBLOCK.
  static std::unique_ptr<FileLock> try_lock(const std::filesystem::path& file, Kind kind);

  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// Sets the time of the file's last change to now, without changing it.
  void touch() const;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace sift
