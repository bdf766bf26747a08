#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sift {

/// A row of a data file as JSON. The text lives as long as the file it came from.
struct JsonLine {
  std::string_view text;
  std::int64_t number = 0;  ///< of the line that it begins on, from 1
};

/// Goes through the rows of a text, which it does not own: its lines that are not blank or, where it may be
/// an array and begins like one, the elements of that. They are found by brackets and quotes alone; whoever
/// reads a row sees whether it is JSON.
class JsonRows {
 public:
  JsonRows(std::string_view text, bool may_be_array);

  /// Nothing at the end. Throws Error, without the place, when an array does not end where the text does.
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
