#include "jinja/filters.h"

#include <algorithm>
#include <map>

#include "jinja/attributes.h"
#include "jinja/letter_case.h"

namespace sift::jinja {
namespace {

// jinja2's own filters that no chat template needs; `filter` tests still know them.
constexpr std::string_view kUnsupportedFilters[] = {
    "attr", "filesizeformat", "pprint", "random", "striptags", "urlencode", "urlize", "wordwrap", "xmlattr"};

std::map<std::string_view, Filter> all_filters() {
  std::map<std::string_view, Filter> out = {{"tojson", to_json}};
  for (auto group :
       {text_filters(), number_filters(), sequence_filters(), ordering_filters(), selection_filters()}) {
    for (const FilterEntry& entry : group) out.emplace(entry.name, entry.filter);
  }
  return out;
}

/// An item number where the part of a path is all digits.
Value path_part(std::string_view part) {
  bool digits =
      !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || part.size() > 18) return Value(part);
  return Value(static_cast<std::int64_t>(std::stoll(std::string(part))));
}

}  // namespace

Filter find_filter(std::string_view name) {
  static const std::map<std::string_view, Filter> filters = all_filters();
  auto found = filters.find(name);
  return found == filters.end() ? nullptr : found->second;
}

bool is_filter_name(std::string_view name) {
  return find_filter(name) != nullptr ||
         std::find(std::begin(kUnsupportedFilters), std::end(kUnsupportedFilters), name) !=
             std::end(kUnsupportedFilters);
}

Value follow_path(RenderContext& context, const Value& item, const Value& path, const Value* fallback) {
  if (path.is_none()) return item;
  std::vector<Value> parts;
  if (path.is_string()) {
    std::string dot = ".";
    for (const std::string& part : split_text(path.text(), &dot, -1, false)) parts.push_back(path_part(part));
  } else {
    parts.push_back(path);
  }
  Value value = item;
  for (const Value& part : parts) {
    value = get_item(context, value, part);
    if (fallback != nullptr && !fallback->is_none() && value.is_undefined()) value = *fallback;
  }
  return value;
}

Value fold_case(const Value& value) {
  return value.is_string() ? Value(to_lower(value.text()), value.as_string().markup) : value;
}

}  // namespace sift::jinja
