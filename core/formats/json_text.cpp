#include "formats/json_text.h"

#include <algorithm>

#include "base/utf8.h"
#include "formats/json_builder.h"

namespace sift {
namespace {

/// The last characters of `text`, which is UTF-8, on one line.
std::string end_of(std::string_view text) {
  constexpr std::size_t kMaxShown = 30;
  if (text.size() > kMaxShown) text = text.substr(utf8_boundary(text, text.size() - kMaxShown));
  std::string shown(text);
  std::ranges::replace_if(
      shown, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return shown;
}

/// Byte `num_read` of the text, counted from 1, as messages name it.
std::string place_of(std::string_view text, std::size_t num_read) {
  const std::string_view read = text.substr(0, num_read);
  const auto line = 1 + std::count(read.begin(), read.end() - (read.ends_with('\n') ? 1 : 0), '\n');
  if (line == 1) return fmt::format("byte {}", num_read);
  const std::size_t start = read.substr(0, read.size() - 1).rfind('\n');
  return fmt::format("line {}, column {}", line, read.size() - start - 1);
}

}  // namespace

void check_json_text(std::string_view text) {
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    throw Error(fmt::format(
        "not valid JSON: {} is NUL (0x00), which no JSON text has; the file is damaged or is not a text",
        place_of(text, nul + 1)));
  }
  int depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (in_text) {
      if (letter == '\\') ++i;
      if (letter == '"') in_text = false;
      continue;
    }
    if (letter == '"') in_text = true;
    if (letter == '[' || letter == '{') ++depth;
    if (letter == ']' || letter == '}') --depth;
    if (depth > kMaxJsonDepth) {
      throw Error(
          fmt::format("nested deeper than {} lists and objects (at byte {}), more than Sift reads; write the "
                      "file with less nesting",
                      kMaxJsonDepth, i));
    }
  }
}

void fail_json(std::string_view text, std::size_t num_read, bool too_large) {
  if (const std::size_t bad = find_invalid_utf8(text); bad < num_read) {
    throw Error(fmt::format("not valid JSON: {} (0x{:02X}) is not UTF-8; convert the file to UTF-8",
                            place_of(text, bad + 1), static_cast<unsigned char>(text[bad])));
  }
  if (num_read > text.size()) {
    throw Error(text.empty() ? "not valid JSON: the text is empty"
                             : fmt::format("not valid JSON: incomplete, it ends with '{}'", end_of(text)));
  }
  const std::string_view read = text.substr(0, utf8_boundary(text, num_read));
  if (too_large)
    throw Error(
        fmt::format("not valid JSON: the number that ends at {} is too large", place_of(text, num_read)));
  const char last = read.empty() ? ' ' : read.back();
  if (static_cast<unsigned char>(last) < 0x20 && last != ' ') {
    throw Error(fmt::format(
        "not valid JSON: {} is 0x{:02X}, a control character that cannot be here (in a string it is "
        "written as \\u{:04x}), after '{}'",
        place_of(text, num_read), static_cast<unsigned>(last), static_cast<unsigned>(last), end_of(read)));
  }
  throw Error(fmt::format("not valid JSON at {}, the end of '{}'", place_of(text, num_read), end_of(read)));
}

template <class Json>
Json parse_json(std::string_view text) {
  check_json_text(text);
  return JsonBuilder<Json>(text).build();
}

template nlohmann::json parse_json(std::string_view text);
template nlohmann::ordered_json parse_json(std::string_view text);

}  // namespace sift
