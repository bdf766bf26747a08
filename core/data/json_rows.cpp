#include "data/json_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/error.h"

namespace sift {
namespace {

constexpr const char* kSpace = " \t\r\n";

/// Finds where the elements of an array begin and end, by its brackets and quotes alone; whoever reads an
/// element sees whether it is JSON.
class ArrayScanner {
 public:
  /// `text` begins with white space and the opening bracket.
  explicit ArrayScanner(std::string_view text) : text_(text) {}

  std::vector<JsonLine> rows() {
    std::vector<JsonLine> rows;
    skip_space();
    step();
    skip_space();
    while (!at_end() && text_[at_] != ']') {
      const std::int64_t line = line_;
      const std::size_t begin = at_;
      skip_element();
      const std::string_view element = text_.substr(begin, at_ - begin);
      rows.push_back({element.substr(0, element.find_last_not_of(kSpace) + 1), line});
      if (rows.back().text.empty()) throw Error(fmt::format("line {}: a row is missing before ','", line));
      if (!at_end() && text_[at_] == ',') step();
      skip_space();
    }
    if (at_end()) throw Error("the array of rows is not closed by ']': the file is not whole");
    step();
    skip_space();
    if (!at_end()) throw Error(fmt::format("line {}: there is more after the array of rows", line_));
    return rows;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }

  void step() {
    if (text_[at_++] == '\n') ++line_;
  }

  void skip_space() {
    while (!at_end() && std::string_view(kSpace).find(text_[at_]) != std::string_view::npos) step();
  }

  void skip_string() {
    for (step(); !at_end() && text_[at_] != '"'; step()) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) step();
    }
    if (!at_end()) step();
  }

  void skip_element() {
    for (int depth = 0; !at_end();) {
      const char letter = text_[at_];
      if (depth == 0 && (letter == ',' || letter == ']')) return;
      if (letter == '"') {
        skip_string();
        continue;
      }
      if (letter == '{' || letter == '[') ++depth;
      if (letter == '}' || letter == ']') --depth;
      step();
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
};

}  // namespace

std::vector<JsonLine> json_lines(std::string_view file) {
  std::vector<JsonLine> lines;
  for (std::int64_t number = 1; !file.empty(); ++number) {
    const std::string_view line = file.substr(0, file.find('\n'));
    file.remove_prefix(std::min(file.size(), line.size() + 1));
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) lines.push_back({line, number});
  }
  return lines;
}

std::optional<std::vector<JsonLine>> json_array_rows(std::string_view file) {
  const std::size_t begin = file.find_first_not_of(kSpace);
  if (begin == std::string_view::npos || file[begin] != '[') return std::nullopt;
  return ArrayScanner(file).rows();
}

}  // namespace sift
