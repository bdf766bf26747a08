#include "jinja/number_text.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "base/ascii.h"
#include "base/utf8.h"
#include "jinja/characters.h"
#include "jinja/value.h"

namespace sift::jinja {
namespace {

/// Without the underscores between digits; nothing when one stands elsewhere.
std::optional<std::string> without_underscores(std::string_view text) {
  auto is_digit_like = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out += text[i];
      continue;
    }
    bool between = i > 0 && i + 1 < text.size() && is_digit_like(text[i - 1]) && is_digit_like(text[i + 1]);
    if (!between) return std::nullopt;
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  return strip_space_left(strip_space_right(text));
}

}  // namespace

std::optional<std::int64_t> integer_from_text(std::string_view text, std::int64_t base) {
  if (base != 0 && (base < 2 || base > 36)) return std::nullopt;  // a ValueError, which the filter swallows
  for (char32_t c : code_points(text)) {
    if (c >= 0x80 && is_decimal(c)) throw Fault("numbers in digits other than 0-9 are not supported");
  }
  std::string digits = ascii_lower(trimmed(text));
  bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.erase(0, 1);
  std::int64_t prefix = digits.starts_with("0x")   ? 16
                        : digits.starts_with("0o") ? 8
                        : digits.starts_with("0b") ? 2
                                                   : 0;
  if (prefix != 0 && (base == 0 || base == prefix)) {
    base = prefix;
    digits.erase(0, 2);
    if (digits.starts_with('_')) digits.erase(0, 1);
  } else if (base == 0) {
    base = 10;
    if (digits.size() > 1 && digits[0] == '0' && digits.find_first_not_of("0_") != std::string::npos) {
      return std::nullopt;
    }
  }
  auto plain = without_underscores(digits);
  if (!plain || plain->empty() || (*plain)[0] == '-' || (*plain)[0] == '+') return std::nullopt;
  std::string number = (negative ? "-" : "") + *plain;
  std::int64_t value = 0;
  auto result = std::from_chars(number.data(), number.data() + number.size(), value, static_cast<int>(base));
  if (result.ptr != number.data() + number.size()) return std::nullopt;
  if (result.ec == std::errc::result_out_of_range) throw Fault("integer result does not fit in 64 bits");
  return result.ec == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<double> float_from_text(std::string_view text) {
  for (char32_t c : code_points(text)) {
    if (c >= 0x80 && is_decimal(c)) throw Fault("numbers in digits other than 0-9 are not supported");
  }
  auto plain = without_underscores(ascii_lower(trimmed(text)));
  if (!plain) return std::nullopt;
  bool negative = plain->starts_with('-');
  if (negative || plain->starts_with('+')) plain->erase(0, 1);
  double sign = negative ? -1.0 : 1.0;
  if (*plain == "inf" || *plain == "infinity") return sign * std::numeric_limits<double>::infinity();
  if (*plain == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (plain->empty() || !((*plain)[0] == '.' || ((*plain)[0] >= '0' && (*plain)[0] <= '9')))
    return std::nullopt;
  double value = 0;
  auto result = std::from_chars(plain->data(), plain->data() + plain->size(), value);
  if (result.ptr != plain->data() + plain->size()) return std::nullopt;
  if (result.ec == std::errc::result_out_of_range) value = std::strtod(plain->c_str(), nullptr);
  return sign * value;
}

}  // namespace sift::jinja
