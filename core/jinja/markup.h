#pragma once

#include "jinja/value.h"

/// Text that was marked safe: it stays marked through most operations, and what joins it is HTML-escaped.
namespace sift::jinja {

std::string escape_html(std::string_view text);
/// The text of `value` as it looks inside marked text.
std::string escaped_text(const Value& value);
/// left + right.
Value add_texts(const String& left, const String& right);

}  // namespace sift::jinja
