#include "jinja/number_format.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>

#include "base/utf8.h"
#include "jinja/value.h"

namespace sift::jinja {
namespace {

constexpr std::int64_t kMaxPlaceholder = 100'000;

std::string sign_text(bool negative, const Layout& layout) {
  if (negative) return "-";
  return layout.sign != 0 ? std::string(1, layout.sign) : "";
}

/// Separators between groups of digits that stand before any point or exponent.
std::string grouped(const std::string& digits, char separator, std::size_t group) {
  if (separator == 0) return digits;
  std::size_t whole = 0;
  while (whole < digits.size() && std::isxdigit(static_cast<unsigned char>(digits[whole])) != 0) ++whole;
  std::string out;
  for (std::size_t i = 0; i < whole; ++i) {
    if (i > 0 && (whole - i) % group == 0) out += separator;
    out += digits[i];
  }
  return out + digits.substr(whole);
}

std::string finish(const std::string& sign, const std::string& digits, const Layout& layout) {
  if (layout.grouping != 0 && layout.align == '=' && layout.fill == "0") {
    throw Fault("grouping together with zero padding is not supported");
  }
  return pad(sign + digits, sign.size(), layout, '>');
}

}  // namespace

std::string pad(const std::string& body, std::size_t sign_size, const Layout& layout, char default_align) {
  if (layout.width > kMaxPlaceholder) throw Fault("the width of a placeholder is too large");
  std::int64_t missing = layout.width - static_cast<std::int64_t>(count_code_points(body));
  if (missing <= 0) return body;
  char align = layout.align != 0 ? layout.align : default_align;
  std::int64_t left = align == '<' ? 0 : align == '^' ? missing / 2 : missing;
  std::string before;
  std::string after;
  for (std::int64_t i = 0; i < missing; ++i) (i < left ? before : after) += layout.fill;
  if (align == '=') return body.substr(0, sign_size) + before + body.substr(sign_size);
  return before + body + after;
}

std::string format_integer(std::int64_t value, const Layout& layout) {
  std::uint64_t size = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  std::string digits;
  std::string prefix;
  switch (layout.type) {
    case 'x':
      digits = fmt::format("{:x}", size);
      prefix = "0x";
      break;
    case 'X':
      digits = fmt::format("{:X}", size);
      prefix = "0X";
      break;
    case 'o':
      digits = fmt::format("{:o}", size);
      prefix = "0o";
      break;
    case 'b':
      digits = fmt::format("{:b}", size);
      prefix = "0b";
      break;
    default:
      digits = fmt::format("{}", size);
  }
  if (layout.precision > kMaxPlaceholder) throw Fault("the precision of a placeholder is too large");
  if (layout.precision > static_cast<std::int64_t>(digits.size())) {
    digits.insert(0, static_cast<std::size_t>(layout.precision) - digits.size(), '0');
  }
  if (layout.grouping == ',' && !prefix.empty()) throw Fault("cannot specify ',' with a base");
  digits = grouped(digits, layout.grouping, prefix.empty() ? 3 : 4);
  return finish(sign_text(value < 0, layout) + (layout.alternate ? prefix : ""), digits, layout);
}

std::string format_real(double value, const Layout& layout) {
  if (layout.alternate) throw Fault("'#' is not supported for floats");
  if (layout.precision > 1000) throw Fault("the precision of a placeholder is too large");
  bool percent = layout.type == '%';
  double scaled = std::abs(percent ? value * 100 : value);
  auto precision = static_cast<int>(layout.precision < 0 ? 6 : layout.precision);
  bool upper = layout.type == 'E' || layout.type == 'G' || layout.type == 'F';
  std::string digits;
  if (!std::isfinite(scaled)) {
    digits = std::isnan(scaled) ? (upper ? "NAN" : "nan") : (upper ? "INF" : "inf");
  } else {
    const char* form = "%.*f";
    if (layout.type == 'e') form = "%.*e";
    if (layout.type == 'E') form = "%.*E";
    if (layout.type == 'g') form = "%.*g";
    if (layout.type == 'G') form = "%.*G";
    char buffer[1500];
    int size = std::snprintf(buffer, sizeof buffer, form, precision, scaled);
    digits.assign(buffer, static_cast<std::size_t>(size));
  }
  if (layout.grouping != 0) {
    std::size_t whole = digits.find_first_not_of("0123456789");
    std::string tail = whole == std::string::npos ? "" : digits.substr(whole);
    digits = grouped(digits.substr(0, whole), layout.grouping, 3) + tail;
  }
  if (percent) digits += '%';
  return finish(sign_text(std::signbit(value) && !std::isnan(value), layout), digits, layout);
}

}  // namespace sift::jinja
