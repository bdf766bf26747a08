#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "store.h"

/// An unnamed file: the system removes it when the process ends, even after a crash. Bytes are written to it
/// and mapped when they are needed again. In between they occupy only the page cache, which the system
/// reclaims when memory is short. The file shrinks again when extents at its end are released.
class SpillFile final : public Store, public std::enable_shared_from_this<SpillFile> {
 public:
  /// Throws Error if no file can be created in `folder`.
  explicit SpillFile(const std::filesystem::path& folder);
  ~SpillFile() override;
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;

  std::unique_ptr<StoredBytes> store(const at::Tensor& bytes) override;

 private:
  class Extent;
  friend class Extent;

  std::int64_t allocate(std::int64_t length);
  void release(std::int64_t offset, std::int64_t length);
  void write(const void* data, std::int64_t size, std::int64_t offset);

  std::string folder_;
  int file_ = -1;
  std::mutex mutex_;
  std::map<std::int64_t, std::int64_t> free_;  ///< offset and length of the gaps below end_
  std::int64_t end_ = 0;                       ///< length of the part in use
};
