#include <fmt/format.h>

#include "base/utf8.h"
#include "jinja/arguments.h"
#include "jinja/filters.h"
#include "jinja/objects.h"
#include "jinja/operators.h"

namespace sift::jinja {
namespace {

Value length(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("length", {}, 0, arguments);
  auto size = length_of(input);
  if (!size) throw Fault(fmt::format("object of type '{}' has no len()", input.type_name()));
  return static_cast<std::int64_t>(*size);
}

Value default_value(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("default", {"default_value", "boolean"}, 0, arguments);
  bool replaced = input.is_undefined() || (bound.flag(1, false) && !input.truthy());
  return replaced ? bound.value(0, Value("")) : input;
}

Value first(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("first", {}, 0, arguments);
  return iterate(input)->next().value_or(Value::undefined("No first item, sequence was empty."));
}

Value last(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("last", {}, 0, arguments);
  bool indexable = input.is_string() || input.is_sequence() || input.is_undefined() || input.is_dict();
  if (!indexable && (!input.is_object() || !input.object()->length())) {
    throw Fault(fmt::format("'{}' object is not reversible", input.type_name()));
  }
  std::vector<Value> items = to_items(input);
  if (items.empty()) return Value::undefined("No last item, sequence was empty.");
  return items.back();
}

Value list(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("list", {}, 0, arguments);
  return Value::list(to_items(input));
}

Value reverse(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("reverse", {}, 0, arguments);
  if (input.is_string()) {
    std::vector<char32_t> points = code_points(input.text());
    std::string out;
    for (auto c = points.rbegin(); c != points.rend(); ++c) append_utf8(out, *c);
    return Value(std::move(out), input.as_string().markup);
  }
  bool has_reversed = input.is_undefined() || input.is_sequence() || input.is_dict() ||
                      (input.is_object() && input.object()->length());
  std::vector<Value> items = to_items(input);
  std::vector<Value> out(items.rbegin(), items.rend());
  if (!has_reversed) return Value::list(std::move(out));
  Value held = Value::list(std::move(out));
  auto next = [held, at = std::size_t{0}]() mutable -> std::optional<Value> {
    return at < held.items().size() ? std::optional<Value>(held.items()[at++]) : std::nullopt;
  };
  return make_iterator(std::move(next), held.depth() + 1, "reversed");
}

Value join(RenderContext& context, const Value& input, const Arguments& arguments) {
  Bound bound("join", {"d", "attribute"}, 0, arguments);
  std::string separator = bound.given(0) ? to_text(bound[0]) : "";
  std::string out;
  bool is_first = true;
  auto cursor = iterate(input);
  while (auto item = cursor->next()) {
    if (!is_first) out += separator;
    is_first = false;
    out += to_text(bound.present(1) ? follow_path(context, *item, bound[1], nullptr) : *item);
    if (out.size() > kMaxTextBytes) throw Fault(fmt::format("text longer than {} bytes", kMaxTextBytes));
  }
  return Value(std::move(out));
}

Value items(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("items", {}, 0, arguments);
  auto next = [input, at = std::size_t{0}]() mutable -> std::optional<Value> {
    if (input.is_undefined()) return std::nullopt;
    if (!input.is_dict()) throw Fault("can only get item pairs from a mapping");
    const auto& pairs = input.as_dict().items;
    if (at >= pairs.size()) return std::nullopt;
    const auto& [key, value] = pairs[at++];
    return Value::tuple({key, value});
  };
  return make_iterator(std::move(next), input.depth() + 2);
}

Value batch(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("batch", {"linecount", "fill_with"}, 1, arguments);
  std::int64_t size = bound.integer(0);
  std::vector<Value> out;
  std::vector<Value> row;
  for (const Value& item : to_items(input)) {
    if (static_cast<std::int64_t>(row.size()) == size) out.push_back(Value::list(std::exchange(row, {})));
    row.push_back(item);
  }
  if (!row.empty()) {
    if (size > static_cast<std::int64_t>(kMaxListItems)) throw Fault("batch: too many items");
    while (bound.present(1) && static_cast<std::int64_t>(row.size()) < size) row.push_back(bound[1]);
    out.push_back(Value::list(std::move(row)));
  }
  Value rows = Value::list(std::move(out));
  auto next = [rows, at = std::size_t{0}]() mutable -> std::optional<Value> {
    return at < rows.items().size() ? std::optional<Value>(rows.items()[at++]) : std::nullopt;
  };
  return make_iterator(std::move(next), rows.depth() + 1);
}

Value slice(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("slice", {"slices", "fill_with"}, 1, arguments);
  std::int64_t slices = bound.integer(0);
  std::vector<Value> source = to_items(input);
  if (slices == 0) throw Fault("integer division or modulo by zero");
  if (slices > static_cast<std::int64_t>(kMaxListItems)) throw Fault("slice: too many slices");
  std::vector<Value> out;
  auto size = static_cast<std::int64_t>(source.size());
  std::int64_t at = 0;
  for (std::int64_t i = 0; i < slices; ++i) {
    std::int64_t count = size / slices + (i < size % slices ? 1 : 0);
    std::vector<Value> row(source.begin() + at, source.begin() + at + count);
    at += count;
    if (bound.present(1) && i >= size % slices) row.push_back(bound[1]);
    out.push_back(Value::list(std::move(row)));
  }
  Value rows = Value::list(std::move(out));
  auto next = [rows, row = std::size_t{0}]() mutable -> std::optional<Value> {
    return row < rows.items().size() ? std::optional<Value>(rows.items()[row++]) : std::nullopt;
  };
  return make_iterator(std::move(next), rows.depth() + 1);
}

constexpr FilterEntry kSequenceFilters[] = {
    {"batch", batch},   {"count", length}, {"d", default_value}, {"default", default_value},
    {"first", first},   {"items", items},  {"join", join},       {"last", last},
    {"length", length}, {"list", list},    {"reverse", reverse}, {"slice", slice},
};

}  // namespace

std::span<const FilterEntry> sequence_filters() {
  return kSequenceFilters;
}

}  // namespace sift::jinja
