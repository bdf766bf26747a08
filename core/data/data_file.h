#pragma once

#include <filesystem>
#include <vector>

#include "data/json_rows.h"

namespace sift {

/// A data file mapped into memory, so that a large one costs no memory of the process: one JSON object on
/// each line or, in a .json file, an array of them.
class DataFile {
 public:
  /// Throws Error when the file is missing, not readable, or has no rows.
  explicit DataFile(std::filesystem::path path);
  ~DataFile();
  DataFile(const DataFile&) = delete;
  DataFile& operator=(const DataFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  const std::vector<JsonLine>& rows() const { return rows_; }

 private:
  std::vector<JsonLine> find_rows() const;
  void unmap();

  std::filesystem::path path_;
  const char* data_ = nullptr;
  std::size_t size_ = 0;
  std::vector<JsonLine> rows_;
};

}  // namespace sift
