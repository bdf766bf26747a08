#include <fmt/format.h>

#include "base/utf8.h"
#include "jinja/lexer.h"

namespace sift::jinja {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_checked(std::string& out, std::uint32_t c, std::size_t offset) {
  if (c > 0x10FFFF) throw SyntaxFault(offset, "escape beyond the last Unicode character");
  if (c >= 0xD800 && c < 0xE000) throw SyntaxFault(offset, "surrogate escapes are not supported");
  append_utf8(out, c);
}

/// \xHH, \uHHHH, \UHHHHHHHH; `at` is on the letter.
std::size_t append_hex(std::string& out, std::string_view literal, std::size_t at, std::size_t offset) {
  std::size_t count = literal[at] == 'x' ? 2 : literal[at] == 'u' ? 4 : 8;
  std::uint32_t c = 0;
  for (std::size_t i = 1; i <= count; ++i) {
    int digit = at + i < literal.size() ? hex_value(literal[at + i]) : -1;
    if (digit < 0) throw SyntaxFault(offset, fmt::format("truncated \\{} escape in string", literal[at]));
    c = c * 16 + static_cast<std::uint32_t>(digit);
  }
  append_checked(out, c, offset);
  return at + count + 1;
}

std::size_t append_octal(std::string& out, std::string_view literal, std::size_t at) {
  std::uint32_t c = 0;
  std::size_t end = at;
  while (end < literal.size() && end < at + 3 && literal[end] >= '0' && literal[end] <= '7') {
    c = c * 8 + static_cast<std::uint32_t>(literal[end++] - '0');
  }
  append_utf8(out, c);
  return end;
}

/// A backslash before a character outside ASCII: the codec sees the two as an escaped backslash and the
/// letters of the character's own escape.
std::size_t append_wide(std::string& out, std::string_view literal, std::size_t at) {
  std::uint32_t c = next_code_point(literal, at);
  out += c < 0x100     ? fmt::format("\\x{:02x}", c)
         : c < 0x10000 ? fmt::format("\\u{:04x}", c)
                       : fmt::format("\\U{:08x}", c);
  return at;
}

}  // namespace

std::string unescape_literal(std::string_view literal, std::size_t offset) {
  static constexpr std::string_view kLetters = "abfnrtv\\'\"";
  static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\'\"";
  std::string out;
  for (std::size_t at = 0; at < literal.size();) {
    char c = literal[at++];
    if (c != '\\' || at >= literal.size()) {
      out += c;
      continue;
    }
    c = literal[at];
    std::size_t simple = kLetters.find(c);
    if (simple != std::string_view::npos) {
      out += kMeanings[simple];
      ++at;
    } else if (c == '\n') {
      ++at;
    } else if (c >= '0' && c <= '7') {
      at = append_octal(out, literal, at);
    } else if (c == 'x' || c == 'u' || c == 'U') {
      at = append_hex(out, literal, at, offset);
    } else if (c == 'N') {
      throw SyntaxFault(offset, "\\N escapes are not supported");
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      at = append_wide(out, literal, at);
    } else {
      out += '\\';
    }
  }
  return out;
}

}  // namespace sift::jinja
