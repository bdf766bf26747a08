#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "base/mapped_file.h"
#include "data/json_rows.h"

namespace sift {

/// A memory-mapped data file, so a large file needs no anonymous memory: one JSON object per line or, in a
/// .json file, an array of objects.
class DataFile {
 public:
  /// Throws Error if the file is missing, not readable, or has no rows.
  explicit DataFile(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  /// The next rows, at most `most`; none at the end. They are valid while this object exists. Throws Error if
  /// an array is malformed.
  std::vector<JsonLine> next(std::size_t most);

 private:
  std::optional<JsonLine> next_row();
  void give_back_pages(std::size_t end);

  std::filesystem::path path_;
  MappedFile map_;
  JsonRows rows_;
  std::optional<JsonLine> first_;  // until next() returns it
  std::size_t given_back_ = 0;     // pages before this offset were released
};

}  // namespace sift
