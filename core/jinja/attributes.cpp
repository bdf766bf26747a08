#include "jinja/attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "jinja/objects.h"
#include "jinja/operators.h"
#include "jinja/work.h"

namespace sift::jinja {
namespace {

constexpr std::array kListChanging = {"append", "clear", "pop",    "reverse",
                                      "insert", "sort",  "extend", "remove"};
constexpr std::array kDictChanging = {"clear", "pop", "popitem", "setdefault", "update"};
// Attributes that Python has and this engine does not.
constexpr std::array kUnsupported = {"str.encode",
                                     "str.casefold",
                                     "str.format_map",
                                     "str.isidentifier",
                                     "str.maketrans",
                                     "str.translate",
                                     "dict.fromkeys",
                                     "int.real",
                                     "int.imag",
                                     "int.numerator",
                                     "int.denominator",
                                     "int.bit_length",
                                     "int.bit_count",
                                     "int.conjugate",
                                     "int.to_bytes",
                                     "int.from_bytes",
                                     "bool.real",
                                     "bool.imag",
                                     "bool.numerator",
                                     "bool.denominator",
                                     "bool.bit_length",
                                     "bool.bit_count",
                                     "bool.conjugate",
                                     "bool.to_bytes",
                                     "bool.from_bytes",
                                     "float.real",
                                     "float.imag",
                                     "float.hex",
                                     "float.fromhex",
                                     "float.conjugate",
                                     "float.as_integer_ratio",
                                     "int.as_integer_ratio",
                                     "range.start",
                                     "range.stop",
                                     "range.step",
                                     "range.count",
                                     "range.index",
                                     "dict_keys.isdisjoint",
                                     "dict_keys.mapping",
                                     "dict_values.mapping",
                                     "dict_items.mapping",
                                     "dict_items.isdisjoint"};

template <typename Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Value unsafe(const Value& value, std::string_view name) {
  return Value::undefined(
      fmt::format("access to attribute '{}' of '{}' is refused: templates cannot change values", name,
                  value.type_name()));
}

/// What Python's getattr gives, before the template engine's fall-back to items.
std::optional<Value> find_attribute(RenderContext& context, const Value& value, std::string_view name) {
  if (name.starts_with("__") && name.ends_with("__")) {
    throw Fault(fmt::format("access to attribute '{}' is refused: it is internal to Python", name));
  }
  if (value.is_object()) {
    if (auto found = value.object()->attribute(context, name)) return found;
  }
  if (value.kind() == Kind::kList && is_one_of(kListChanging, name)) return unsafe(value, name);
  if (value.is_dict() && is_one_of(kDictChanging, name)) return unsafe(value, name);
  Method method = value.is_string() ? find_string_method(name) : find_container_method(value, name);
  if (method != nullptr) {
    auto body = [method, value](RenderContext& /*context*/, const Arguments& arguments) {
      spend(weight_of(value));
      return method(value, arguments);
    };
    auto bound = std::make_shared<Function>("builtin_function_or_method", std::move(body), value.depth() + 1);
    return Value(std::static_pointer_cast<Object>(std::move(bound)));
  }
  if (is_one_of(kUnsupported, value.type_name() + "." + std::string(name))) {
    throw Fault(fmt::format("'{}' of '{}' is not supported", name, value.type_name()));
  }
  return std::nullopt;
}

Value missing_attribute(const Value& value, std::string_view name) {
  return Value::undefined(fmt::format("'{}' object has no attribute '{}'", value.type_name(), name));
}

/// What Python's value[key] gives, or nothing where it raises LookupError or TypeError.
std::optional<Value> find_item(const Value& value, const Value& key) {
  if (value.is_dict()) {
    if (key.kind() == Kind::kList || key.is_dict()) return std::nullopt;
    const Value* found = value.as_dict().find(key);
    return found == nullptr ? std::nullopt : std::optional<Value>(*found);
  }
  if (!key.is_integral()) return std::nullopt;
  std::int64_t index = key.integer();
  if (value.is_sequence()) {
    const auto& items = value.items();
    auto size = static_cast<std::int64_t>(items.size());
    if (index < 0) index += size;
    if (index < 0 || index >= size) return std::nullopt;
    return items[static_cast<std::size_t>(index)];
  }
  if (value.is_string()) {
    const std::string& text = value.text();
    if (index < 0) index += static_cast<std::int64_t>(count_code_points(text));
    if (index < 0) return std::nullopt;
    std::size_t at = byte_offset(text, static_cast<std::size_t>(index));
    if (at >= text.size()) return std::nullopt;
    return Value(to_utf8(next_code_point(text, at)), value.as_string().markup);
  }
  return value.is_object() ? value.object()->element(index) : std::nullopt;
}

struct SliceBounds {
  std::int64_t first, last, step;
  std::size_t count;
};

std::int64_t slice_bound(const Value& bound, std::int64_t fallback, std::int64_t size, std::int64_t low,
                         std::int64_t high) {
  if (bound.is_none()) return fallback;
  if (!bound.is_integral()) {
    throw Fault(fmt::format("slice indices must be integers or None, not {}", bound.type_name()));
  }
  std::int64_t at = bound.integer();
  if (at < 0) at += size;
  return std::clamp(at, low, high);
}

SliceBounds slice_bounds(const Value& start, const Value& stop, const Value& step, std::size_t length) {
  auto size = static_cast<std::int64_t>(length);
  std::int64_t stride = slice_bound(step, 1, 0, -size - 1, size + 1);
  if (stride == 0) {
    if (step.integer() == 0) throw Fault("slice step cannot be zero");
    stride = step.integer() < 0 ? -1 : 1;
  }
  SliceBounds out{};
  out.step = stride;
  if (stride > 0) {
    out.first = slice_bound(start, 0, size, 0, size);
    out.last = slice_bound(stop, size, size, 0, size);
    out.count = out.last > out.first ? static_cast<std::size_t>((out.last - out.first - 1) / stride + 1) : 0;
  } else {
    out.first = slice_bound(start, size - 1, size, -1, size - 1);
    out.last = slice_bound(stop, -1, size, -1, size - 1);
    out.count = out.first > out.last ? static_cast<std::size_t>((out.first - out.last - 1) / -stride + 1) : 0;
  }
  return out;
}

Value slice_of_text(const Value& value, const Value& start, const Value& stop, const Value& step) {
  const std::string& text = value.text();
  bool markup = value.as_string().markup;
  SliceBounds bounds = slice_bounds(start, stop, step, count_code_points(text));
  if (bounds.count == 0) return Value(std::string(), markup);
  if (bounds.step == 1) {
    std::size_t from = byte_offset(text, static_cast<std::size_t>(bounds.first));
    std::string_view rest = std::string_view(text).substr(from);
    return Value(std::string(rest.substr(0, byte_offset(rest, bounds.count))), markup);
  }
  std::vector<char32_t> points = code_points(text);
  std::string out;
  for (std::size_t i = 0; i < bounds.count; ++i) {
    append_utf8(out,
                points[static_cast<std::size_t>(bounds.first + static_cast<std::int64_t>(i) * bounds.step)]);
  }
  return Value(std::move(out), markup);
}

}  // namespace

Value get_attribute(RenderContext& context, const Value& value, std::string_view name) {
  if (value.is_undefined()) fail_undefined(value);
  if (auto found = find_attribute(context, value, name)) return *found;
  if (auto found = find_item(value, Value(name))) return *found;
  return missing_attribute(value, name);
}

Value get_item(RenderContext& context, const Value& value, const Value& key) {
  if (value.is_undefined()) fail_undefined(value);
  if (auto found = find_item(value, key)) return *found;
  if (key.is_string()) {
    if (auto found = find_attribute(context, value, key.text())) return *found;
    return missing_attribute(value, key.text());
  }
  return Value::undefined(fmt::format("{} object has no element {}", value.type_name(),
                                      key.is_object() ? key.type_name() : to_repr(key)));
}

Value get_slice(const Value& value, const Value& start, const Value& stop, const Value& step) {
  if (value.is_undefined()) fail_undefined(value);
  if (value.is_string()) return slice_of_text(value, start, stop, step);
  if (auto range = value.object_as<Range>()) {
    SliceBounds bounds = slice_bounds(start, stop, step, *range->length());
    return Value(std::static_pointer_cast<Object>(range->slice(bounds.first, bounds.last, bounds.step)));
  }
  if (!value.is_sequence()) throw Fault(fmt::format("'{}' object cannot be sliced", value.type_name()));
  const auto& items = value.items();
  SliceBounds bounds = slice_bounds(start, stop, step, items.size());
  std::vector<Value> out;
  out.reserve(bounds.count);
  for (std::size_t i = 0; i < bounds.count; ++i) {
    out.push_back(items[static_cast<std::size_t>(bounds.first + static_cast<std::int64_t>(i) * bounds.step)]);
  }
  return value.kind() == Kind::kList ? Value::list(std::move(out)) : Value::tuple(std::move(out));
}

}  // namespace sift::jinja
