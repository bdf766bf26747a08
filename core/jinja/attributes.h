#pragma once

#include "jinja/value.h"

/// How templates reach into values, under the rules of jinja2's immutable sandbox.
namespace sift::jinja {

/// value.name: a method or attribute first, an item of that name second; undefined when there is neither.
Value get_attribute(RenderContext& context, const Value& value, std::string_view name);
/// value[key]: an item first, an attribute second.
Value get_item(RenderContext& context, const Value& value, const Value& key);
/// value[start:stop:step]; None leaves a bound out.
Value get_slice(const Value& value, const Value& start, const Value& stop, const Value& step);

/// A method of a built-in type, called with its `self`.
using Method = Value (*)(const Value& self, const Arguments& arguments);
/// Null when the type has no such method.
Method find_string_method(std::string_view name);
Method find_container_method(const Value& value, std::string_view name);

/// format_text.format(...).
Value format_method(const Value& self, const Arguments& arguments);
/// text.split() and friends, shared by methods and filters.
std::vector<std::string> split_text(std::string_view text, const std::string* separator,
                                    std::int64_t max_split, bool from_right);
std::vector<std::string> split_lines(std::string_view text, bool keep_ends);
std::string replace_text(std::string_view text, std::string_view from, std::string_view to,
                         std::int64_t count);
/// `chars` null strips white space.
std::string strip_text(std::string_view text, const std::string* chars, bool left, bool right);

}  // namespace sift::jinja
