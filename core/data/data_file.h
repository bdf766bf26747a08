#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "data/json_rows.h"

namespace sift {

/// The bytes of a file.
class FileMap {
 public:
  explicit FileMap(const std::filesystem::path& path);
  ~FileMap();
  FileMap(const FileMap&) = delete;
  FileMap& operator=(const FileMap&) = delete;

  std::string_view text() const { return {data_, size_}; }

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

/// A data file mapped into memory, so that a large one costs no memory of the process: one JSON object on
/// each line or, in a .json file, an array of them.
class DataFile {
 public:
  /// Throws Error when the file is missing, not readable, or has no rows.
  explicit DataFile(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  /// The next rows, `most` at most, as long as this lives; none at the end. Throws Error where an array
  /// breaks.
  std::vector<JsonLine> next(std::size_t most);

 private:
  std::optional<JsonLine> next_row();
  void give_back_pages(std::size_t end);

  std::filesystem::path path_;
  FileMap map_;
  JsonRows rows_;
  std::optional<JsonLine> first_;  // until it is asked for
  std::size_t given_back_ = 0;     // so many bytes need not be resident
};

}  // namespace sift
