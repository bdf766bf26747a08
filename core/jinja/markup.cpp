#include "jinja/markup.h"

namespace sift::jinja {

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string escaped_text(const Value& value) {
  if (value.is_string() && value.as_string().markup) return value.text();
  return escape_html(to_text(value));
}

Value add_texts(const String& left, const String& right) {
  bool markup = left.markup || right.markup;
  std::string out = markup && !left.markup ? escape_html(left.text) : left.text;
  out += markup && !right.markup ? escape_html(right.text) : right.text;
  return Value(std::move(out), markup);
}

}  // namespace sift::jinja
