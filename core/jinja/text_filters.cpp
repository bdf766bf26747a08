#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "jinja/arguments.h"
#include "jinja/attributes.h"
#include "jinja/characters.h"
#include "jinja/filters.h"
#include "jinja/letter_case.h"
#include "jinja/markup.h"
#include "jinja/operators.h"

namespace sift::jinja {
namespace {

/// The value as text; a text keeps its mark.
String soft_text(const Value& value) {
  return value.is_string() ? value.as_string() : String{to_text(value), false};
}

template <std::string (*kMap)(std::string_view)>
Value mapped(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("filter", {}, 0, arguments);
  String text = soft_text(input);
  return Value(kMap(text.text), text.markup);
}

Value trim(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("trim", {"chars"}, 0, arguments);
  String text = soft_text(input);
  return Value(strip_text(text.text, bound.present(0) ? &bound.text(0) : nullptr, true, true), text.markup);
}

/// Unlike str.title, words begin after white space, brackets and hyphens only.
Value title(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("title", {}, 0, arguments);
  std::string text = to_text(input);
  std::string out;
  bool at_start = true;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t start = at;
    char32_t c = next_code_point(text, at);
    std::string_view piece(text.data() + start, at - start);
    bool separator =
        is_space(c) || std::string_view("-({[<").find(static_cast<char>(c & 0x7F)) != std::string::npos;
    separator = separator && (c < 0x80 || is_space(c));
    out += separator ? std::string(piece) : at_start ? to_upper(piece) : to_lower(piece);
    at_start = separator;
  }
  return Value(std::move(out));
}

Value replace(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("replace", {"old", "new", "count"}, 2, arguments);
  std::int64_t count = bound.present(2) ? bound.integer(2) : -1;
  return Value(replace_text(to_text(input), to_text(bound[0]), to_text(bound[1]), count));
}

Value to_string(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("string", {}, 0, arguments);
  return input.is_string() ? input : Value(to_text(input));
}

Value safe(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("safe", {}, 0, arguments);
  return Value(to_text(input), true);
}

Value escape(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("escape", {}, 0, arguments);
  return Value(escaped_text(input), true);
}

Value force_escape(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("forceescape", {}, 0, arguments);
  return Value(escape_html(to_text(input)), true);
}

Value indent(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("indent", {"width", "first", "blank"}, 0, arguments);
  std::string indention =
      bound.given(0) && bound[0].is_string()
          ? bound.text(0)
          : std::string(
                static_cast<std::size_t>(std::clamp<std::int64_t>(bound.integer(0, 4), 0, kMaxTextBytes)),
                ' ');
  if (!input.is_string()) {
    if (input.is_undefined()) fail_undefined(input);
    throw Fault(fmt::format("indent needs a text, not {}", input.type_name()));
  }
  bool blank = bound.flag(2, false);
  std::string out = bound.flag(1, false) ? indention : "";
  bool first = true;
  for (const std::string& line : split_lines(input.text() + "\n", false)) {
    if (!first) out += "\n";
    if (!first && (blank || !line.empty())) out += indention;
    out += line;
    first = false;
    if (out.size() > kMaxTextBytes) throw Fault(fmt::format("text longer than {} bytes", kMaxTextBytes));
  }
  return Value(std::move(out), input.as_string().markup);
}

Value center(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("center", {"width"}, 0, arguments);
  String text = soft_text(input);
  return find_string_method("center")(Value(text.text, text.markup), {{Value(bound.integer(0, 80))}, {}});
}

Value wordcount(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("wordcount", {}, 0, arguments);
  std::string text = to_text(input);
  std::int64_t words = 0;
  bool in_word = false;
  for (char32_t c : code_points(text)) {
    bool word = c == '_' || is_alnum(c);
    words += word && !in_word ? 1 : 0;
    in_word = word;
  }
  return words;
}

Value truncate(RenderContext& context, const Value& input, const Arguments& arguments) {
  Bound bound("truncate", {"length", "killwords", "end", "leeway"}, 0, arguments);
  std::int64_t length = bound.integer(0, 255);
  std::string end = bound.given(2) ? bound.text(2) : "...";
  std::int64_t leeway = bound.present(3) ? bound.integer(3) : 5;
  auto end_size = static_cast<std::int64_t>(count_code_points(end));
  if (length < end_size)
    throw Fault(fmt::format("truncate: expected length >= {}, got {}", end_size, length));
  if (leeway < 0) throw Fault(fmt::format("truncate: expected leeway >= 0, got {}", leeway));
  auto size = length_of(input);
  if (size && static_cast<std::int64_t>(*size) <= length + leeway) return input;
  if (!input.is_string()) throw Fault(fmt::format("truncate needs a text, not {}", input.type_name()));
  (void)context;
  Value head = get_slice(input, Value(), Value(length - end_size), Value());
  if (!bound.flag(1, false)) {
    std::string blank = " ";
    head = Value(split_text(head.text(), &blank, 1, true).front(), head.as_string().markup);
  }
  return add_texts(head.as_string(), {end, false});
}

Value format(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  if (!arguments.positional.empty() && !arguments.named.empty()) {
    throw Fault("format cannot take positional and keyword arguments at the same time");
  }
  String text = soft_text(input);
  Value values = Value::tuple(arguments.positional);
  if (!arguments.named.empty()) {
    Dict dict;
    for (const auto& [name, value] : arguments.named) dict.set(Value(name), value);
    values = Value(std::move(dict));
  }
  return percent_format(Value(text.text, text.markup), values);
}

constexpr FilterEntry kTextFilters[] = {
    {"capitalize", mapped<to_capitalized>},
    {"center", center},
    {"e", escape},
    {"escape", escape},
    {"forceescape", force_escape},
    {"format", format},
    {"indent", indent},
    {"lower", mapped<to_lower>},
    {"replace", replace},
    {"safe", safe},
    {"string", to_string},
    {"title", title},
    {"trim", trim},
    {"truncate", truncate},
    {"upper", mapped<to_upper>},
    {"wordcount", wordcount},
};

}  // namespace

std::span<const FilterEntry> text_filters() {
  return kTextFilters;
}

}  // namespace sift::jinja
