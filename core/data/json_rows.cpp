#include "data/json_rows.h"

#include <fmt/format.h>

#include <utility>

#include <sift/error.h>
#include "formats/file_kind.h"

namespace sift {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kSpaceOfLine = " \t\r";
constexpr std::size_t kReadBytes = std::size_t{1} << 20;
constexpr std::size_t kBlockBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxRowBytes = std::size_t{1} << 30;

/// Inside a string: a character that neither ends it nor escapes another, and is no line break.
bool is_plain(char letter) {
  return letter != '"' && letter != '\\' && letter != '\n';
}

bool is_one_of(std::string_view letters, char letter) {
  return letters.find(letter) != std::string_view::npos;
}

}  // namespace

JsonRows::JsonRows(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  read_on();
  if (const auto mistake = mistaken_content(text_)) throw Error(*mistake);
  if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  skip_space(kSpace);
  is_array_ = !at_end() && text_[at_] == '[';
  if (is_array_) step();  // over the bracket
}

std::vector<JsonLine> JsonRows::next(std::size_t most) {
  text_.erase(0, at_);
  at_ = row_at_ = 0;
  std::vector<Place> places;
  while (places.size() < most && at_ < kBlockBytes) {
    const auto place = is_array_ ? next_element() : next_row();
    if (!place) break;
    places.push_back(*place);
  }
  std::vector<JsonLine> rows;
  rows.reserve(places.size());
  const std::string_view text = text_;  // only now does it no longer grow
  for (const auto& [begin, end, line] : places) rows.push_back({text.substr(begin, end - begin), line});
  return rows;
}

std::optional<JsonRows::Place> JsonRows::next_row() {
  skip_space(kSpace);
  if (at_end()) return std::nullopt;
  row_at_ = at_;
  const std::int64_t line = line_;
  const std::size_t end = skip_row();
  return Place{row_at_, end, line};
}

/// Goes beyond the row and returns its end: where its last bracket closes and another object or line follows,
/// or the end of a line after which it cannot go on.
std::size_t JsonRows::skip_row() {
  open_.clear();
  std::size_t end = at_;  // behind the last character that is not space
  while (!at_end()) {
    const char letter = text_[at_];
    if (is_one_of(kSpaceOfLine, letter)) {
      step();
      continue;
    }
    if (letter == '\n') {
      skip_space(kSpace);
      if (open_.empty() || at_end() || !goes_on(text_[end - 1], text_[at_])) return end;
      continue;
    }
    if (letter == '"') {
      skip_string(/*within_line=*/true);
      end = at_;
      continue;
    }
    if (letter == '{' && open_.empty() && end > row_at_ && text_[end - 1] == '}') return end;
    if (letter == '{' || letter == '[') open_ += letter;
    if ((letter == '}' || letter == ']') && !open_.empty()) open_.pop_back();
    step();
    end = at_;
  }
  return end;
}

/// Whether valid JSON may have a line break between these two, inside the innermost open bracket.
bool JsonRows::goes_on(char before, char after) const {
  if (is_one_of(",}]", after) || (after == ':' && before == '"')) return true;
  if (before == ':') return true;
  if (before != ',' && before != open_.back()) return false;
  return open_.back() == '[' || after == '"';
}

std::optional<JsonRows::Place> JsonRows::next_element() {
  if (array_ended_) return std::nullopt;
  skip_space(kSpace);
  if (at_end() || text_[at_] == ']') {
    finish_array();
    return std::nullopt;
  }
  const std::int64_t line = line_;
  row_at_ = at_;
  skip_element();
  std::size_t end = at_;
  while (end > row_at_ && is_one_of(kSpace, text_[end - 1])) --end;
  if (end == row_at_) throw Error(fmt::format("line {}: a row is missing before ','", line));
  // a truncated file must not pass its rest as a row
  if (at_end()) finish_array();
  if (text_[at_] == ',') step();
  return Place{row_at_, end, line};
}

void JsonRows::finish_array() {
  if (at_end()) throw Error("the array of rows is not closed by ']': the file is incomplete");
  step();
  skip_space(kSpace);
  if (!at_end()) throw Error(fmt::format("line {}: unexpected content after the array of rows", line_));
  array_ended_ = true;
}

void JsonRows::skip_element() {
  for (int depth = 0; !at_end();) {
    const char letter = text_[at_];
    if (depth == 0 && (letter == ',' || letter == ']')) return;
    if (letter == '"') {
      skip_string(/*within_line=*/false);
      continue;
    }
    if (letter == '{' || letter == '[') ++depth;
    if (letter == '}' || letter == ']') --depth;
    step();
  }
}

/// A string has no line break in JSON, so one that is not closed ends with its line.
void JsonRows::skip_string(bool within_line) {
  for (step(); !at_end(); step()) {
    // most of a file is inside strings
    while (at_ < text_.size() && is_plain(text_[at_])) ++at_;
    if (at_end()) return;
    if (text_[at_] == '"') return step();
    if (within_line && text_[at_] == '\n') return;
    if (text_[at_] == '\\') {
      step();
      if (at_end() || (within_line && text_[at_] == '\n')) return;
    }
  }
}

void JsonRows::skip_space(std::string_view space) {
  while (!at_end() && is_one_of(space, text_[at_])) step();
}

void JsonRows::step() {
  if (text_[at_++] == '\n') ++line_;
}

bool JsonRows::read_on() {
  if (text_.size() - row_at_ > kMaxRowBytes) {
    throw Error(
        fmt::format("line {}: a row of more than {} bytes; is the file JSON Lines?", line_, kMaxRowBytes));
  }
  const std::size_t size = text_.size();
  text_.resize(size + kReadBytes);
  const std::size_t count = source_->read({text_.data() + size, kReadBytes});
  text_.resize(size + count);
  return count > 0;
}

}  // namespace sift
