#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "base/mapped_file.h"
#include "data/json_rows.h"

namespace sift {

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
  MappedFile map_;
  JsonRows rows_;
  std::optional<JsonLine> first_;  // until it is asked for
  std::size_t given_back_ = 0;     // so many bytes need not be resident
};

}  // namespace sift
