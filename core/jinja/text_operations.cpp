#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "jinja/attributes.h"
#include "jinja/characters.h"

namespace sift::jinja {
namespace {

/// A list of the parts would not be made: they are not collected beyond it.
void check_parts(const std::vector<std::string>& parts) {
  if (parts.size() > kMaxListItems) throw Fault(fmt::format("list of more than {} items", kMaxListItems));
}

std::vector<std::string> split_at_space(std::string_view text, std::int64_t max_split) {
  std::vector<std::string> out;
  std::string_view rest = strip_space_left(text);
  while (!rest.empty()) {
    if (max_split >= 0 && static_cast<std::int64_t>(out.size()) >= max_split) {
      out.emplace_back(rest);
      break;
    }
    std::size_t end = 0;
    while (end < rest.size()) {
      std::size_t next = end;
      if (is_space(next_code_point(rest, next))) break;
      end = next;
    }
    out.emplace_back(rest.substr(0, end));
    check_parts(out);
    rest = strip_space_left(rest.substr(end));
  }
  return out;
}

std::vector<std::string> split_at_space_from_right(std::string_view text, std::int64_t max_split) {
  std::vector<std::string> out;
  std::string_view rest = strip_space_right(text);
  while (!rest.empty()) {
    if (max_split >= 0 && static_cast<std::int64_t>(out.size()) >= max_split) {
      out.emplace_back(rest);
      break;
    }
    std::size_t start = rest.size();
    while (start > 0) {
      std::size_t before = previous_utf8(rest, start);
      if (is_space(decode_utf8(rest, before).code_point)) break;
      start = before;
    }
    out.emplace_back(rest.substr(start));
    check_parts(out);
    rest = strip_space_right(rest.substr(0, start));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace

std::vector<std::string> split_text(std::string_view text, const std::string* separator,
                                    std::int64_t max_split, bool from_right) {
  if (separator == nullptr) {
    return from_right ? split_at_space_from_right(text, max_split) : split_at_space(text, max_split);
  }
  if (separator->empty()) throw Fault("empty separator");
  std::vector<std::string> out;
  while (max_split < 0 || static_cast<std::int64_t>(out.size()) < max_split) {
    std::size_t at = from_right ? text.rfind(*separator) : text.find(*separator);
    if (at == std::string_view::npos) break;
    std::string_view head = text.substr(0, at);
    std::string_view tail = text.substr(at + separator->size());
    out.emplace_back(from_right ? tail : head);
    check_parts(out);
    text = from_right ? head : tail;
  }
  out.emplace_back(text);
  if (from_right) std::reverse(out.begin(), out.end());
  return out;
}

std::vector<std::string> split_lines(std::string_view text, bool keep_ends) {
  std::vector<std::string> out;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t before = at;
    char32_t c = next_code_point(text, at);
    if (!is_line_break(c)) continue;
    if (c == '\r' && at < text.size() && text[at] == '\n') ++at;
    out.emplace_back(text.substr(start, (keep_ends ? at : before) - start));
    check_parts(out);
    start = at;
  }
  if (start < text.size()) out.emplace_back(text.substr(start));
  return out;
}

std::string replace_text(std::string_view text, std::string_view from, std::string_view to,
                         std::int64_t count) {
  std::string out;
  auto check = [&out] {
    if (out.size() > kMaxTextBytes) throw Fault(fmt::format("text longer than {} bytes", kMaxTextBytes));
  };
  std::size_t at = 0;
  if (from.empty()) {
    while (count != 0) {  // between all characters, and at both ends
      out += to;
      --count;
      check();
      if (at >= text.size()) break;
      std::size_t start = at;
      next_code_point(text, at);
      out += text.substr(start, at - start);
    }
    return out += text.substr(at);
  }
  for (; count != 0; --count) {
    std::size_t found = text.find(from, at);
    if (found == std::string_view::npos) break;
    out += text.substr(at, found - at);
    out += to;
    check();
    at = found + from.size();
  }
  return out += text.substr(at);
}

std::string strip_text(std::string_view text, const std::string* chars, bool left, bool right) {
  if (chars == nullptr) {
    if (left) text = strip_space_left(text);
    if (right) text = strip_space_right(text);
    return std::string(text);
  }
  std::vector<char32_t> set = code_points(*chars);
  auto in_set = [&set](char32_t c) { return std::find(set.begin(), set.end(), c) != set.end(); };
  std::vector<char32_t> points = code_points(text);
  auto first = left ? std::find_if_not(points.begin(), points.end(), in_set) : points.begin();
  auto last = points.end();
  while (right && last != first && in_set(*(last - 1))) --last;
  std::string out;
  for (; first != last; ++first) append_utf8(out, *first);
  return out;
}

}  // namespace sift::jinja
