#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/json_rows.h"

namespace sift {

/// The rows of a data file as JSON objects, block by block, so that a large file is never completely in
/// memory.
class RowSource {
 public:
  virtual ~RowSource();

  /// The next rows in file order; none at the end. They are valid until the next call. Throws Error.
  virtual std::span<const JsonLine> next() = 0;
  /// The names of all columns of a file that has a schema, also of those that are not read; of other files
  /// none.
  virtual std::vector<std::string> columns() const { return {}; }
};

/// The location of row `number` (JsonLine::number), for messages: "rows.jsonl:7", "rows.parquet: row 7".
std::string place_of_row(const std::filesystem::path& file, std::int64_t number);

/// Opens a data file of any DataFormat. From a file with columns only `columns` are read, as far as they
/// exist. Throws Error if the file is missing, damaged or something else, or has no rows or none of the
/// columns.
std::unique_ptr<RowSource> open_rows(const std::filesystem::path& file,
                                     const std::vector<std::string>& columns);

}  // namespace sift
