#include "data/json_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include <sift/error.h>

namespace sift {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

bool begins_array(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  return begin != std::string_view::npos && text[begin] == '[';
}

}  // namespace

JsonRows::JsonRows(std::string_view text, bool may_be_array)
    : text_(text), is_array_(may_be_array && begins_array(text)) {
  if (!is_array_) return;
  skip_space();
  step();  // over the bracket
}

std::optional<JsonLine> JsonRows::next() {
  return is_array_ ? next_element() : next_line();
}

std::optional<JsonLine> JsonRows::next_line() {
  while (!at_end()) {
    const std::string_view line = text_.substr(at_, text_.find('\n', at_) - at_);
    at_ += std::min(text_.size() - at_, line.size() + 1);
    const std::int64_t number = line_++;
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) return JsonLine{line, number};
  }
  return std::nullopt;
}

std::optional<JsonLine> JsonRows::next_element() {
  if (array_ended_) return std::nullopt;
  skip_space();
  if (at_end() || text_[at_] == ']') {
    finish_array();
    return std::nullopt;
  }
  const std::int64_t line = line_;
  const std::size_t begin = at_;
  skip_element();
  std::string_view element = text_.substr(begin, at_ - begin);
  element = element.substr(0, element.find_last_not_of(kSpace) + 1);
  if (element.empty()) throw Error(fmt::format("line {}: a row is missing before ','", line));
  // a truncated file must not pass its rest as a row
  if (at_end()) finish_array();
  if (text_[at_] == ',') step();
  return JsonLine{element, line};
}

void JsonRows::finish_array() {
  if (at_end()) throw Error("the array of rows is not closed by ']': the file is incomplete");
  step();
  skip_space();
  if (!at_end()) throw Error(fmt::format("line {}: unexpected content after the array of rows", line_));
  array_ended_ = true;
}

void JsonRows::step() {
  if (text_[at_++] == '\n') ++line_;
}

void JsonRows::skip_space() {
  while (!at_end() && kSpace.find(text_[at_]) != std::string_view::npos) step();
}

void JsonRows::skip_string() {
  for (step(); !at_end() && text_[at_] != '"'; step()) {
    if (text_[at_] == '\\' && at_ + 1 < text_.size()) step();
  }
  if (!at_end()) step();
}

void JsonRows::skip_element() {
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

}  // namespace sift
