#pragma once

#include <filesystem>
#include <memory>

namespace sift {

/// An advisory lock on a file (flock). It is released with the object, or when the process ends.
class FileLock {
 public:
  enum class Kind {
    kShared,    ///< any number of holders
    kExclusive  ///< a single holder
  };

  /// Does not wait. Returns nullptr if the file does not exist, or with errno EWOULDBLOCK if a conflicting
  /// lock is held.
  static std::unique_ptr<FileLock> try_lock(const std::filesystem::path& file, Kind kind);

  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// Sets the modification time of the file to now.
  void touch() const;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace sift
