#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/utf8.h"
#include "jinja/arguments.h"
#include "jinja/attributes.h"
#include "jinja/characters.h"
#include "jinja/letter_case.h"
#include "jinja/markup.h"

namespace sift::jinja {
namespace {

/// A result keeps the mark of the text it was made from.
Value like(const Value& self, std::string text) {
  return Value(std::move(text), self.as_string().markup);
}

Value list_like(const Value& self, std::vector<std::string> parts) {
  std::vector<Value> items;
  items.reserve(parts.size());
  for (std::string& part : parts) items.push_back(like(self, std::move(part)));
  return Value::list(std::move(items));
}

template <std::string (*kMap)(std::string_view)>
Value mapped(const Value& self, const Arguments& arguments) {
  Bound bound("str method", {}, 0, arguments);
  return like(self, kMap(self.text()));
}

template <bool (*kTest)(std::string_view)>
Value tested_text(const Value& self, const Arguments& arguments) {
  Bound bound("str method", {}, 0, arguments);
  return kTest(self.text());
}

/// True for a text that is not empty and whose every character passes.
template <bool (*kTest)(char32_t)>
Value tested(const Value& self, const Arguments& arguments) {
  Bound bound("str method", {}, 0, arguments);
  std::vector<char32_t> points = code_points(self.text());
  return !points.empty() && std::all_of(points.begin(), points.end(), kTest);
}

Value is_ascii_method(const Value& self, const Arguments& arguments) {
  Bound bound("isascii", {}, 0, arguments);
  return is_ascii(self.text());
}

Value is_printable_method(const Value& self, const Arguments& arguments) {
  Bound bound("isprintable", {}, 0, arguments);
  std::vector<char32_t> points = code_points(self.text());
  return std::all_of(points.begin(), points.end(), is_printable);
}

template <bool kLeft, bool kRight>
Value strip(const Value& self, const Arguments& arguments) {
  Bound bound("strip", {"/chars"}, 0, arguments);
  return like(self, strip_text(self.text(), bound.present(0) ? &bound.text(0) : nullptr, kLeft, kRight));
}

template <bool kFromRight>
Value split(const Value& self, const Arguments& arguments) {
  Bound bound("split", {"sep", "maxsplit"}, 0, arguments);
  const std::string* separator = bound.present(0) ? &bound.text(0) : nullptr;
  return list_like(self, split_text(self.text(), separator, bound.integer(1, -1), kFromRight));
}

Value splitlines(const Value& self, const Arguments& arguments) {
  Bound bound("splitlines", {"keepends"}, 0, arguments);
  return list_like(self, split_lines(self.text(), bound.number_flag(0, false)));
}

/// The part of a text that start and end arguments leave, as find() and startswith() take them.
struct Window {
  std::string_view text;
  std::int64_t start = 0;  // in code points
  bool valid = true;
};

Window window(const std::string& text, const Bound& bound, std::size_t first) {
  if (!bound.present(first) && !bound.present(first + 1)) return {text};
  auto size = static_cast<std::int64_t>(count_code_points(text));
  auto clip = [size](std::int64_t at) { return at < 0 ? std::max<std::int64_t>(at + size, 0) : at; };
  std::int64_t start = bound.present(first) ? clip(bound.integer(first)) : 0;
  std::int64_t end = bound.present(first + 1) ? std::min(clip(bound.integer(first + 1)), size) : size;
  if (start > size || start > end) return {{}, start, false};
  std::size_t from = byte_offset(text, static_cast<std::size_t>(start));
  std::size_t to = byte_offset(text, static_cast<std::size_t>(end));
  return {std::string_view(text).substr(from, to - from), start, true};
}

template <bool kEnd>
Value affix(const Value& self, const Arguments& arguments) {
  Bound bound(kEnd ? "endswith" : "startswith", {"/affix", "/start", "/end"}, 1, arguments);
  Window view = window(self.text(), bound, 1);
  auto matches = [&view](const Value& candidate) {
    if (!candidate.is_string()) {
      if (candidate.is_undefined()) fail_undefined(candidate);
      throw Fault(
          fmt::format("startswith and endswith need str or a tuple of str, not {}", candidate.type_name()));
    }
    if (!view.valid) return false;
    return kEnd ? view.text.ends_with(candidate.text()) : view.text.starts_with(candidate.text());
  };
  if (bound[0].kind() != Kind::kTuple) return matches(bound[0]);
  const auto& candidates = bound[0].items();
  return std::any_of(candidates.begin(), candidates.end(), matches);
}

std::int64_t find_in(const Value& self, const Arguments& arguments, bool from_right) {
  Bound bound("find", {"/sub", "/start", "/end"}, 1, arguments);
  Window view = window(self.text(), bound, 1);
  const std::string& needle = bound.text(0);
  if (!view.valid) return -1;
  std::size_t at = from_right ? view.text.rfind(needle) : view.text.find(needle);
  if (at == std::string_view::npos) return -1;
  return view.start + static_cast<std::int64_t>(count_code_points(view.text.substr(0, at)));
}

template <bool kFromRight, bool kMust>
Value find(const Value& self, const Arguments& arguments) {
  std::int64_t at = find_in(self, arguments, kFromRight);
  if (kMust && at < 0) throw Fault("substring not found");
  return at;
}

Value count(const Value& self, const Arguments& arguments) {
  Bound bound("count", {"/sub", "/start", "/end"}, 1, arguments);
  Window view = window(self.text(), bound, 1);
  const std::string& needle = bound.text(0);
  if (!view.valid) return std::int64_t{0};
  if (needle.empty()) return static_cast<std::int64_t>(count_code_points(view.text)) + 1;
  std::int64_t found = 0;
  for (std::size_t at = view.text.find(needle); at != std::string_view::npos;
       at = view.text.find(needle, at + needle.size())) {
    ++found;
  }
  return found;
}

Value replace(const Value& self, const Arguments& arguments) {
  Bound bound("replace", {"/old", "/new", "/count"}, 2, arguments);
  std::string to = self.as_string().markup ? escaped_text(bound[1]) : bound.text(1);
  return like(self, replace_text(self.text(), bound.text(0), to, bound.integer(2, -1)));
}

Value join(const Value& self, const Arguments& arguments) {
  Bound bound("join", {"/iterable"}, 1, arguments);
  std::string out;
  bool first = true;
  auto cursor = iterate(bound[0]);
  while (auto item = cursor->next()) {
    if (!first) out += self.text();
    first = false;
    if (!self.as_string().markup && !item->is_string()) {
      throw Fault(fmt::format("join() needs an iterable of str, found {}", item->type_name()));
    }
    out += self.as_string().markup ? escaped_text(*item) : item->text();
    if (out.size() > kMaxTextBytes) throw Fault(fmt::format("text longer than {} bytes", kMaxTextBytes));
  }
  return like(self, std::move(out));
}

template <bool kSuffix>
Value remove_affix(const Value& self, const Arguments& arguments) {
  Bound bound(kSuffix ? "removesuffix" : "removeprefix", {"/affix"}, 1, arguments);
  std::string_view text = self.text();
  const std::string& part = bound.text(0);
  if (kSuffix ? !text.ends_with(part) : !text.starts_with(part)) return self;
  return like(self,
              std::string(kSuffix ? text.substr(0, text.size() - part.size()) : text.substr(part.size())));
}

template <bool kFromRight>
Value partition(const Value& self, const Arguments& arguments) {
  Bound bound("partition", {"/sep"}, 1, arguments);
  std::string_view text = self.text();
  const std::string& separator = bound.text(0);
  if (separator.empty()) throw Fault("empty separator");
  std::size_t at = kFromRight ? text.rfind(separator) : text.find(separator);
  if (at == std::string_view::npos) {
    Value nothing = like(self, "");
    return kFromRight ? Value::tuple({nothing, nothing, like(self, self.text())})
                      : Value::tuple({like(self, self.text()), nothing, nothing});
  }
  return Value::tuple({like(self, std::string(text.substr(0, at))), like(self, separator),
                       like(self, std::string(text.substr(at + separator.size())))});
}

enum class Align { kLeft, kRight, kCenter };

template <Align kAlign>
Value justify(const Value& self, const Arguments& arguments) {
  Bound bound("justify", {"/width", "/fillchar"}, 1, arguments);
  std::string fill = bound.given(1) ? bound.text(1) : " ";
  if (self.as_string().markup) fill = escape_html(fill);
  if (count_code_points(fill) != 1) throw Fault("the fill character must be exactly one character long");
  std::int64_t width = bound.integer(0);
  std::int64_t missing = width - static_cast<std::int64_t>(count_code_points(self.text()));
  if (missing <= 0) return self;
  if (static_cast<std::size_t>(missing) > kMaxTextBytes) throw Fault("text too long");
  std::int64_t left = kAlign == Align::kLeft    ? 0
                      : kAlign == Align::kRight ? missing
                                                : missing / 2 + (missing & width & 1);
  std::string out;
  for (std::int64_t i = 0; i < left; ++i) out += fill;
  out += self.text();
  for (std::int64_t i = left; i < missing; ++i) out += fill;
  return like(self, std::move(out));
}

Value zfill(const Value& self, const Arguments& arguments) {
  Bound bound("zfill", {"/width"}, 1, arguments);
  const std::string& text = self.text();
  std::int64_t missing = bound.integer(0) - static_cast<std::int64_t>(count_code_points(text));
  if (missing <= 0) return self;
  if (static_cast<std::size_t>(missing) > kMaxTextBytes) throw Fault("text too long");
  std::size_t sign = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  return like(self,
              text.substr(0, sign) + std::string(static_cast<std::size_t>(missing), '0') + text.substr(sign));
}

Value expandtabs(const Value& self, const Arguments& arguments) {
  Bound bound("expandtabs", {"tabsize"}, 0, arguments);
  std::int64_t size = bound.integer(0, 8);
  std::string out;
  std::int64_t column = 0;
  for (char32_t c : code_points(self.text())) {
    if (c == '\t') {
      std::int64_t blanks = size > 0 ? size - column % size : 0;
      if (blanks > static_cast<std::int64_t>(kMaxTextBytes)) throw Fault("text too long");
      out.append(static_cast<std::size_t>(blanks), ' ');
      column += blanks;
      if (out.size() > kMaxTextBytes) throw Fault("text too long");
      continue;
    }
    append_utf8(out, c);
    column = c == '\n' || c == '\r' ? 0 : column + 1;
  }
  return like(self, std::move(out));
}

}  // namespace

Method find_string_method(std::string_view name) {
  static const std::map<std::string_view, Method> methods = {
      {"capitalize", mapped<to_capitalized>},
      {"casefold", mapped<fold_case>},
      {"center", justify<Align::kCenter>},
      {"count", count},
      {"endswith", affix<true>},
      {"expandtabs", expandtabs},
      {"find", find<false, false>},
      {"format", format_method},
      {"index", find<false, true>},
      {"isalnum", tested<is_alnum>},
      {"isalpha", tested<is_alpha>},
      {"isascii", is_ascii_method},
      {"isdecimal", tested<is_decimal>},
      {"isdigit", tested<is_digit>},
      {"islower", tested_text<is_lower_text>},
      {"isnumeric", tested<is_numeric>},
      {"isprintable", is_printable_method},
      {"isspace", tested<is_space>},
      {"istitle", tested_text<is_title_text>},
      {"isupper", tested_text<is_upper_text>},
      {"join", join},
      {"ljust", justify<Align::kLeft>},
      {"lower", mapped<to_lower>},
      {"lstrip", strip<true, false>},
      {"partition", partition<false>},
      {"removeprefix", remove_affix<false>},
      {"removesuffix", remove_affix<true>},
      {"replace", replace},
      {"rfind", find<true, false>},
      {"rindex", find<true, true>},
      {"rjust", justify<Align::kRight>},
      {"rpartition", partition<true>},
      {"rsplit", split<true>},
      {"rstrip", strip<false, true>},
      {"split", split<false>},
      {"splitlines", splitlines},
      {"startswith", affix<false>},
      {"strip", strip<true, true>},
      {"swapcase", mapped<swap_case>},
      {"title", mapped<to_title>},
      {"upper", mapped<to_upper>},
      {"zfill", zfill},
  };
  auto found = methods.find(name);
  return found == methods.end() ? nullptr : found->second;
}

}  // namespace sift::jinja
