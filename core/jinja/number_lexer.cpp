#include "jinja/number_lexer.h"

#include <algorithm>

namespace sift::jinja {
namespace {

bool is_decimal_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_binary_digit(char c) {
  return c == '0' || c == '1';
}
bool is_octal_digit(char c) {
  return c >= '0' && c <= '7';
}
bool is_hex_digit(char c) {
  return is_decimal_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_zero(char c) {
  return c == '0';
}

using DigitTest = bool (*)(char);

char char_at(std::string_view source, std::size_t at) {
  return at < source.size() ? source[at] : '\0';
}

/// Behind digits that single underscores may separate; `at` when there is no digit. `lead` also lets one
/// underscore come first.
std::size_t skip_digits(std::string_view source, std::size_t at, DigitTest test, bool lead = false) {
  std::size_t end = at;
  while (true) {
    std::size_t digit = end;
    if (char_at(source, digit) == '_' && (lead || digit > at)) ++digit;
    if (!test(char_at(source, digit))) return end;
    end = digit + 1;
  }
}

std::size_t float_end(std::string_view source, std::size_t at) {
  if (at > 0 && source[at - 1] == '.') return at;
  std::size_t whole = skip_digits(source, at, is_decimal_digit);
  if (whole == at) return at;
  std::size_t end = whole;
  if (char_at(source, whole) == '.') {
    std::size_t fraction = skip_digits(source, whole + 1, is_decimal_digit);
    if (fraction > whole + 1) end = fraction;
  }
  if (char_at(source, end) == 'e' || char_at(source, end) == 'E') {
    std::size_t sign = char_at(source, end + 1) == '+' || char_at(source, end + 1) == '-' ? 1 : 0;
    std::size_t exponent = skip_digits(source, end + 1 + sign, is_decimal_digit);
    if (exponent > end + 1 + sign) return exponent;
  }
  return end > whole ? end : at;
}

std::size_t integer_end(std::string_view source, std::size_t at) {
  char first = char_at(source, at);
  if (first == '0') {
    auto base = static_cast<char>(char_at(source, at + 1) | 0x20);
    DigitTest test = base == 'b'   ? is_binary_digit
                     : base == 'o' ? is_octal_digit
                     : base == 'x' ? is_hex_digit
                                   : nullptr;
    if (test != nullptr) {
      std::size_t end = skip_digits(source, at + 2, test, true);
      if (end > at + 2) return end;
    }
    return skip_digits(source, at, is_zero);
  }
  return skip_digits(source, at, is_decimal_digit);
}

}  // namespace

std::optional<NumberToken> read_number(std::string_view source, std::size_t at) {
  NumberToken token;
  token.end = float_end(source, at);
  token.is_float = token.end > at;
  if (!token.is_float) token.end = integer_end(source, at);
  if (token.end == at) return std::nullopt;
  token.text = source.substr(at, token.end - at);
  token.text.erase(std::remove(token.text.begin(), token.text.end(), '_'), token.text.end());
  return token;
}

}  // namespace sift::jinja
