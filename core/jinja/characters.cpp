#include "jinja/characters.h"

#include "base/unicode.h"

namespace sift::jinja {

bool is_space(char32_t c) {
  return (c >= 0x1C && c <= 0x1F) || unicode::is_white_space(c);
}

bool is_line_break(char32_t c) {
  return (c >= 10 && c <= 13) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool is_alpha(char32_t c) {
  return unicode::is_in(c, unicode::kLetters);
}

bool is_digit(char32_t c) {
  return unicode::has_digit_value(c);
}

bool is_decimal(char32_t c) {
  return unicode::category(c) == unicode::Category::Nd;
}

bool is_numeric(char32_t c) {
  return unicode::has_numeric_value(c);
}

bool is_alnum(char32_t c) {
  return is_alpha(c) || is_numeric(c);
}

bool is_printable(char32_t c) {
  return c == ' ' || !unicode::is_in(c, unicode::kOthers | unicode::kSeparators);
}

std::string_view strip_space_left(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (!is_space(next_code_point(text, at))) return text.substr(start);
  }
  return {};
}

std::string_view strip_space_right(std::string_view text) {
  while (!text.empty()) {
    const std::size_t last = previous_utf8(text, text.size());
    if (!is_space(decode_utf8(text, last).code_point)) break;
    text = text.substr(0, last);
  }
  return text;
}

}  // namespace sift::jinja
