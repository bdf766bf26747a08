#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "store.h"

/// A file without a name: the system removes it when the process ends, however it ends. Bytes are written to
/// it and mapped when they are wanted again; while they lie there only the page cache holds them, which the
/// system takes back when memory is short. The file is as long as what lives in it.
class SpillFile final : public Store, public std::enable_shared_from_this<SpillFile> {
 public:
  /// Throws Error when no file can be made in `folder`.
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
