#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sift {

/// A row of a data file as JSON. The text is valid as long as its file.
struct JsonLine {
  std::string_view text;
  std::int64_t number = 0;  ///< of its first line, from 1
};

/// Iterates over the rows of a text, which it does not own: its lines that are not blank or, if it may be an
/// array and starts like one, the elements of the array. Only brackets and quotes are parsed; the caller
/// checks that a row is JSON.
class JsonRows {
 public:
  JsonRows(std::string_view text, bool may_be_array);

  /// Nothing at the end. Throws Error, without the name of the file, if an array does not end with the text.
  std::optional<JsonLine> next();
  /// Bytes of the text read so far.
  std::size_t position() const { return at_; }

 private:
  std::optional<JsonLine> next_line();
  std::optional<JsonLine> next_element();
  void finish_array();
  bool at_end() const { return at_ >= text_.size(); }
  void step();
  void skip_space();
  void skip_string();
  void skip_element();

  std::string_view text_;
  bool is_array_;
  bool array_ended_ = false;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
};

}  // namespace sift
