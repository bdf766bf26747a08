#include "jinja/unicode.h"

#include <algorithm>

#include "jinja/unicode_tables.h"

namespace sift::jinja {
namespace {

bool in_runs(std::span<const ClassRun> runs, std::uint32_t c) {
  auto after = std::upper_bound(runs.begin(), runs.end(), c,
                                [](std::uint32_t value, const ClassRun& run) { return value < run.first; });
  if (after == runs.begin()) return false;
  const ClassRun& run = *(after - 1);
  return c <= run.last && (c - run.first) % run.stride == 0;
}

bool ascii_between(std::uint32_t c, char low, char high) {
  return c >= static_cast<unsigned char>(low) && c <= static_cast<unsigned char>(high);
}

}  // namespace

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_valid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    auto lead = static_cast<unsigned char>(text[at]);
    std::size_t extra = lead < 0x80 ? 0 : lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || at + extra >= text.size()) return false;
    std::uint32_t c = extra == 0 ? lead : lead & (0x3FU >> extra);
    for (std::size_t i = 1; i <= extra; ++i) {
      auto byte = static_cast<unsigned char>(text[at + i]);
      if ((byte & 0xC0U) != 0x80) return false;
      c = (c << 6U) | (byte & 0x3FU);
    }
    if (extra == 2 && (c < 0x800 || (c >= 0xD800 && c < 0xE000))) return false;
    if (extra == 3 && (c < 0x10000 || c > 0x10FFFF)) return false;
    at += extra + 1;
  }
  return true;
}

void append_utf8(std::string& out, std::uint32_t c) {
  auto put = [&out](std::uint32_t byte) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(byte)));
  };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0U | (c >> 6U));
    put(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    put(0xE0U | (c >> 12U));
    put(0x80U | ((c >> 6U) & 0x3FU));
    put(0x80U | (c & 0x3FU));
  } else {
    put(0xF0U | (c >> 18U));
    put(0x80U | ((c >> 12U) & 0x3FU));
    put(0x80U | ((c >> 6U) & 0x3FU));
    put(0x80U | (c & 0x3FU));
  }
}

std::string to_utf8(std::uint32_t code_point) {
  std::string out;
  append_utf8(out, code_point);
  return out;
}

std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
  auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  int extra = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  std::uint32_t c = lead & (0x3FU >> extra);
  for (; extra > 0 && at < text.size(); --extra) {
    c = (c << 6U) | (static_cast<unsigned char>(text[at++]) & 0x3FU);
  }
  return c;
}

std::vector<std::uint32_t> code_points(std::string_view text) {
  std::vector<std::uint32_t> out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) out.push_back(next_code_point(text, at));
  return out;
}

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

std::size_t byte_offset(std::string_view text, std::size_t index) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80) continue;
    if (index == 0) return at;
    --index;
  }
  return text.size();
}

bool is_space(std::uint32_t c) {
  return (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool is_line_break(std::uint32_t c) {
  return (c >= 10 && c <= 13) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool is_alpha(std::uint32_t c) {
  if (c < 0x80) return is_lower(c) || is_upper(c);
  return in_runs(alpha_runs(), c);
}

bool is_digit(std::uint32_t c) {
  return c < 0x80 ? ascii_between(c, '0', '9') : in_runs(digit_runs(), c);
}

bool is_decimal(std::uint32_t c) {
  return c < 0x80 ? ascii_between(c, '0', '9') : in_runs(decimal_runs(), c);
}

bool is_numeric(std::uint32_t c) {
  return c < 0x80 ? ascii_between(c, '0', '9') : in_runs(numeric_runs(), c);
}

bool is_alnum(std::uint32_t c) {
  return is_alpha(c) || is_digit(c) || is_decimal(c) || is_numeric(c);
}

bool is_printable(std::uint32_t c) {
  return c < 0x80 ? ascii_between(c, ' ', '~') : !in_runs(hidden_runs(), c);
}

bool is_lower(std::uint32_t c) {
  return c < 0x80 ? ascii_between(c, 'a', 'z') : in_runs(lower_runs(), c);
}

bool is_upper(std::uint32_t c) {
  return c < 0x80 ? ascii_between(c, 'A', 'Z') : in_runs(upper_runs(), c);
}

bool is_cased(std::uint32_t c) {
  return is_lower(c) || is_upper(c) || (c >= 0x80 && in_runs(title_runs(), c));
}

std::string_view strip_space_left(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t start = at;
    if (!is_space(next_code_point(text, at))) return text.substr(start);
  }
  return {};
}

std::string_view strip_space_right(std::string_view text) {
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80) --start;
    std::size_t at = start;
    if (!is_space(next_code_point(text, at))) break;
    text = text.substr(0, start);
  }
  return text;
}

}  // namespace sift::jinja
