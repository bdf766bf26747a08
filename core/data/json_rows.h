#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sift {

/// A row of a data file as JSON. The text lives as long as the file it came from.
struct JsonLine {
  std::string_view text;
  std::int64_t number = 0;  ///< of the line that it begins on, from 1
};

/// The lines that are not blank.
std::vector<JsonLine> json_lines(std::string_view file);

/// The elements of a JSON array, uncut and unchecked; nullopt when the text does not begin with one. Throws
/// Error, without the place, when the array does not end where the text does.
std::optional<std::vector<JsonLine>> json_array_rows(std::string_view file);

}  // namespace sift
