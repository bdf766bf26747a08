#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/utf8.h"
#include "jinja/characters.h"
#include "jinja/value.h"
#include "jinja/work.h"

namespace sift::jinja {
namespace {

std::string repr_of_items(const std::vector<Value>& items) {
  std::string out;
  for (const Value& item : items) {
    if (!out.empty()) out += ", ";
    out += to_repr(item);
    if (out.size() > kMaxTextBytes) throw Fault(fmt::format("text longer than {} bytes", kMaxTextBytes));
  }
  spend(out.size() / 16);  // every level of nesting copies it
  return out;
}

std::string repr_of_dict(const Dict& dict) {
  std::string out = "{";
  for (const auto& [key, value] : dict.items) {
    if (out.size() > 1) out += ", ";
    out += to_repr(key) + ": " + to_repr(value);
    if (out.size() > kMaxTextBytes) throw Fault(fmt::format("text longer than {} bytes", kMaxTextBytes));
  }
  spend(out.size() / 16);
  return out + "}";
}

}  // namespace

std::string format_float(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[64];
  auto end =
      std::to_chars(buffer, buffer + sizeof buffer, std::abs(value), std::chars_format::scientific).ptr;
  std::string_view shortest(buffer, static_cast<std::size_t>(end - buffer));
  std::size_t e = shortest.find('e');
  int exponent = std::stoi(std::string(shortest.substr(e + 1)));
  std::string digits(1, shortest[0]);
  if (e > 2) digits += shortest.substr(2, e - 2);
  std::string out = std::signbit(value) ? "-" : "";
  auto size = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= 16) {
    out += digits.substr(0, 1);
    if (size > 1) out += fmt::format(".{}", digits.substr(1));
    return out + fmt::format("e{}{:02}", exponent < 0 ? '-' : '+', std::abs(exponent));
  }
  if (exponent < 0) return out + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  if (size <= exponent + 1) {
    return out + digits + std::string(static_cast<std::size_t>(exponent + 1 - size), '0') + ".0";
  }
  auto point = static_cast<std::size_t>(exponent) + 1;
  return out + digits.substr(0, point) + "." + digits.substr(point);
}

std::string repr_of_text(std::string_view text) {
  bool double_quoted = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos;
  char quote = double_quoted ? '"' : '\'';
  std::string out(1, quote);
  for (std::size_t at = 0; at < text.size();) {
    std::uint32_t c = next_code_point(text, at);
    if (c == static_cast<std::uint32_t>(quote) || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (is_printable(c)) {
      append_utf8(out, c);
    } else if (c < 0x100) {
      out += fmt::format("\\x{:02x}", c);
    } else if (c < 0x10000) {
      out += fmt::format("\\u{:04x}", c);
    } else {
      out += fmt::format("\\U{:08x}", c);
    }
  }
  return out + quote;
}

std::string to_repr(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
      return "Undefined";
    case Kind::kNone:
      return "None";
    case Kind::kBool:
      return value.as_bool() ? "True" : "False";
    case Kind::kInt:
      return fmt::format("{}", value.integer());
    case Kind::kFloat:
      return format_float(value.real());
    case Kind::kString:
      if (value.as_string().markup) return fmt::format("Markup({})", repr_of_text(value.text()));
      return repr_of_text(value.text());
    case Kind::kList:
      return fmt::format("[{}]", repr_of_items(value.items()));
    case Kind::kTuple:
      return fmt::format("({}{})", repr_of_items(value.items()), value.items().size() == 1 ? "," : "");
    case Kind::kDict:
      return repr_of_dict(value.as_dict());
    case Kind::kObject:
      return value.object()->repr();
  }
  return {};
}

std::string to_text(const Value& value) {
  if (value.is_undefined()) return {};
  return value.is_string() ? value.text() : to_repr(value);
}

}  // namespace sift::jinja
