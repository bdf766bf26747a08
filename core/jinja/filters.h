#pragma once

#include <span>
#include <string_view>

#include "jinja/value.h"

namespace sift::jinja {

using Filter = Value (*)(RenderContext& context, const Value& input, const Arguments& arguments);

struct FilterEntry {
  std::string_view name;
  Filter filter;
};

/// Null when jinja2 has no such filter, or this engine does not support it.
Filter find_filter(std::string_view name);
/// Whether jinja2 knows the filter: what the `filter` test answers.
bool is_filter_name(std::string_view name);

std::span<const FilterEntry> text_filters();
std::span<const FilterEntry> number_filters();
std::span<const FilterEntry> sequence_filters();
std::span<const FilterEntry> ordering_filters();
std::span<const FilterEntry> selection_filters();

/// json.dumps as transformers calls it; the `tojson` filter.
Value to_json(RenderContext& context, const Value& input, const Arguments& arguments);

/// Follows a dotted attribute path, as the `attribute=` argument of many filters takes it. Where `fallback`
/// is given it replaces whatever is undefined on the way.
Value follow_path(RenderContext& context, const Value& item, const Value& path, const Value* fallback);
/// Lower case for texts, anything else as it is: how filters compare by default.
Value fold_case(const Value& value);

}  // namespace sift::jinja
