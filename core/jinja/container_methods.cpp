#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "jinja/arguments.h"
#include "jinja/attributes.h"
#include "jinja/objects.h"
#include "jinja/operators.h"

namespace sift::jinja {
namespace {

template <DictView::Part kPart>
Value view(const Value& self, const Arguments& arguments) {
  Bound bound("dict method", {}, 0, arguments);
  return Value(std::static_pointer_cast<Object>(std::make_shared<DictView>(self, kPart)));
}

Value get(const Value& self, const Arguments& arguments) {
  Bound bound("get", {"/key", "/default"}, 1, arguments);
  check_hashable(bound[0]);
  const Value* found = self.as_dict().find(bound[0]);
  return found != nullptr ? *found : bound.value(1, Value());
}

/// The copy of something immutable.
Value copy(const Value& self, const Arguments& arguments) {
  Bound bound("copy", {}, 0, arguments);
  return self.is_dict() ? Value(self.as_dict()) : Value::list(self.items());
}

Value count_in_sequence(const Value& self, const Arguments& arguments) {
  Bound bound("count", {"/value"}, 1, arguments);
  const auto& items = self.items();
  return static_cast<std::int64_t>(std::count_if(
      items.begin(), items.end(), [&bound](const Value& item) { return equals(item, bound[0]); }));
}

Value index(const Value& self, const Arguments& arguments) {
  Bound bound("index", {"/value", "/start", "/stop"}, 1, arguments);
  const auto& items = self.items();
  auto size = static_cast<std::int64_t>(items.size());
  auto clip = [size](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size); };
  std::int64_t stop = clip(bound.integer(2, size));
  for (std::int64_t i = clip(bound.integer(1, 0)); i < stop; ++i) {
    if (equals(items[static_cast<std::size_t>(i)], bound[0])) return i;
  }
  throw Fault(fmt::format("the value is not in the {}", self.type_name()));
}

Value is_integer(const Value& self, const Arguments& arguments) {
  Bound bound("is_integer", {}, 0, arguments);
  double value = self.real();
  return std::isfinite(value) && std::floor(value) == value;
}

}  // namespace

Method find_container_method(const Value& value, std::string_view name) {
  if (value.is_dict()) {
    if (name == "items") return view<DictView::Part::kItems>;
    if (name == "keys") return view<DictView::Part::kKeys>;
    if (name == "values") return view<DictView::Part::kValues>;
    if (name == "get") return get;
    if (name == "copy") return copy;
  }
  if (value.is_sequence()) {
    if (name == "count") return count_in_sequence;
    if (name == "index") return index;
    if (name == "copy" && value.kind() == Kind::kList) return copy;
  }
  if (value.kind() == Kind::kFloat && name == "is_integer") return is_integer;
  return nullptr;
}

}  // namespace sift::jinja
