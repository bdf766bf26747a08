#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/byte_source.h"

namespace sift {

/// A row of a data file as JSON.
struct JsonLine {
  std::string_view text;
  std::int64_t number = 0;  ///< of its first line, from 1
};

/// Splits a text into rows: JSON objects, each on a line of its own or over several lines, or the elements of
/// an array of them. Only brackets and quotes are parsed; the caller checks that a row is JSON. What cannot
/// be JSON ends at its line, so one bad line is one bad row. Memory holds one block of rows.
class JsonRows {
 public:
  /// Throws Error, without the name of the file, if the text begins as something else does.
  explicit JsonRows(std::unique_ptr<ByteSource> source);

  /// The next rows, at most `most` and fewer if they are large; none at the end. They are valid until the
  /// next call. Throws Error, without the name of the file, if an array does not end with the text.
  std::vector<JsonLine> next(std::size_t most);

 private:
  struct Place {
    std::size_t begin, end;
    std::int64_t line;
  };

  std::optional<Place> next_row();
  std::optional<Place> next_element();
  void finish_array();
  std::size_t skip_row();
  bool goes_on(char before, char after) const;
  void skip_element();
  void skip_string(bool within_line);
  void skip_space(std::string_view space);
  void step();
  bool at_end() { return at_ >= text_.size() && !read_on(); }
  bool read_on();

  std::unique_ptr<ByteSource> source_;
  bool is_array_ = false;
  bool array_ended_ = false;
  std::string text_;        // the rows of this block and what was read beyond
  std::size_t at_ = 0;      // all before it is done
  std::size_t row_at_ = 0;  // where the current row begins
  std::int64_t line_ = 1;   // of at_
  std::string open_;        // the brackets of the current row that are open
};

}  // namespace sift
