#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "data/json_rows.h"
#include "data/row_source.h"

namespace sift {

/// The rows of a file of JSON, which may be compressed: see JsonRows and open_bytes().
class DataFile final : public RowSource {
 public:
  static constexpr std::size_t kRowsAtATime = 8192;

  /// Throws Error if the file is missing, not readable, not JSON at first sight, or has no rows.
  explicit DataFile(std::filesystem::path path, std::size_t rows_at_a_time = kRowsAtATime);

  std::span<const JsonLine> next() override;

 private:
  void read_block();

  std::filesystem::path path_;
  std::size_t rows_at_a_time_;
  std::optional<JsonRows> rows_;
  std::vector<JsonLine> block_;
  bool is_first_ = true;  // the first block was read, and next() has not returned it
};

}  // namespace sift
