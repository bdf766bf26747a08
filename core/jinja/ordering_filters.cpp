#include <fmt/format.h>

#include <algorithm>

#include "jinja/arguments.h"
#include "jinja/attributes.h"
#include "jinja/filters.h"
#include "jinja/objects.h"
#include "jinja/operators.h"

/// Filters that compare items: sort, dictsort, unique, groupby, min, max.
namespace sift::jinja {
namespace {

Value key_of(RenderContext& context, const Value& item, const Value& path, bool case_sensitive) {
  Value key = follow_path(context, item, path, nullptr);
  return case_sensitive ? key : fold_case(key);
}

/// Stable, also backwards, as sorted() is. A comparison may throw, which std::sort bears.
std::vector<Value> sorted(const std::vector<Value>& items, const std::vector<Value>& keys, bool backwards) {
  std::vector<std::size_t> order(items.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return backwards ? less(keys[b], keys[a]) : less(keys[a], keys[b]);
  });
  std::vector<Value> out;
  out.reserve(items.size());
  for (std::size_t i : order) out.push_back(items[i]);
  return out;
}

Value sort(RenderContext& context, const Value& input, const Arguments& arguments) {
  Bound bound("sort", {"reverse", "case_sensitive", "attribute"}, 0, arguments);
  std::vector<Value> paths = {bound.value(2, Value())};
  if (paths[0].is_string()) {
    std::string comma = ",";
    std::vector<std::string> parts = split_text(paths[0].text(), &comma, -1, false);
    paths.assign(parts.begin(), parts.end());
  }
  std::vector<Value> items = to_items(input);
  std::vector<Value> keys;
  for (const Value& item : items) {
    std::vector<Value> key;
    for (const Value& path : paths) key.push_back(key_of(context, item, path, bound.flag(1, false)));
    keys.push_back(Value::list(std::move(key)));
  }
  return Value::list(sorted(items, keys, bound.number_flag(0, false)));
}

Value dictsort(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("dictsort", {"case_sensitive", "by", "reverse"}, 0, arguments);
  std::string by = bound.given(1) ? to_text(bound[1]) : "key";
  if (by != "key" && by != "value") throw Fault("dictsort: 'by' must be \"key\" or \"value\"");
  if (input.is_undefined()) fail_undefined(input);
  if (!input.is_dict()) throw Fault(fmt::format("dictsort needs a mapping, not {}", input.type_name()));
  std::vector<Value> items;
  std::vector<Value> keys;
  for (const auto& [key, value] : input.as_dict().items) {
    items.push_back(Value::tuple({key, value}));
    const Value& chosen = by == "key" ? key : value;
    keys.push_back(bound.flag(0, false) ? chosen : fold_case(chosen));
  }
  return Value::list(sorted(items, keys, bound.number_flag(2, false)));
}

Value unique(RenderContext& context, const Value& input, const Arguments& arguments) {
  Bound bound("unique", {"case_sensitive", "attribute"}, 0, arguments);
  Value path = bound.value(1, Value());
  std::shared_ptr<Cursor> source = is_iterable(input) ? iterate(input) : nullptr;
  auto next = [&context, source, input, path, seen = std::vector<Value>(),
               case_sensitive = bound.flag(0, false)]() mutable -> std::optional<Value> {
    if (!source) iterate(input);
    while (auto item = source->next()) {
      Value key = key_of(context, *item, path, case_sensitive);
      check_hashable(key);
      bool known =
          std::any_of(seen.begin(), seen.end(), [&key](const Value& other) { return equals(key, other); });
      if (known) continue;
      seen.push_back(key);
      return item;
    }
    return std::nullopt;
  };
  return make_iterator(std::move(next), input.depth() + 1);
}

template <bool kMax>
Value extreme(RenderContext& context, const Value& input, const Arguments& arguments) {
  Bound bound(kMax ? "max" : "min", {"case_sensitive", "attribute"}, 0, arguments);
  Value path = bound.value(1, Value());
  std::vector<Value> items = to_items(input);
  if (items.empty()) return Value::undefined("No aggregated item, sequence was empty.");
  std::size_t best = 0;
  Value best_key = key_of(context, items[0], path, bound.flag(0, false));
  for (std::size_t i = 1; i < items.size(); ++i) {
    Value key = key_of(context, items[i], path, bound.flag(0, false));
    if (!compare(kMax ? CompareOp::kGreater : CompareOp::kLess, key, best_key)) continue;
    best = i;
    best_key = key;
  }
  return items[best];
}

/// One group: a pair that also answers to the names of its parts.
class Group : public Object {
 public:
  Group(Value grouper, Value items) : pair_(Value::tuple({std::move(grouper), std::move(items)})) {}
  std::string type_name() const override { return "_GroupTuple"; }
  std::optional<Value> attribute(RenderContext& /*context*/, std::string_view name) override {
    if (name == "grouper") return pair_.items()[0];
    if (name == "list") return pair_.items()[1];
    return std::nullopt;
  }
  std::optional<Value> element(std::int64_t index) override {
    if (index < 0) index += 2;
    if (index != 0 && index != 1) return std::nullopt;
    return pair_.items()[static_cast<std::size_t>(index)];
  }
  std::optional<std::size_t> length() override { return 2; }
  bool indexable() const override { return true; }
  bool iterable() const override { return true; }
  std::unique_ptr<Cursor> iterate() override { return sift::jinja::iterate(pair_); }
  std::string repr() override { return to_repr(pair_); }
  std::optional<bool> equals(const Value& other) override { return sift::jinja::equals(pair_, other); }
  int depth() const override { return pair_.depth() + 1; }

 private:
  Value pair_;
};

Value groupby(RenderContext& context, const Value& input, const Arguments& arguments) {
  Bound bound("groupby", {"attribute", "default", "case_sensitive"}, 1, arguments);
  const Value* fallback = bound.present(1) ? &bound[1] : nullptr;
  bool case_sensitive = bound.flag(2, false);
  auto key = [&](const Value& item, bool fold) {
    Value value = follow_path(context, item, bound[0], fallback);
    return fold ? fold_case(value) : value;
  };
  std::vector<Value> items = to_items(input);
  std::vector<Value> keys;
  for (const Value& item : items) keys.push_back(key(item, !case_sensitive));
  std::vector<Value> out;
  std::vector<Value> group;
  std::vector<Value> ordered = sorted(items, keys, false);
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    group.push_back(ordered[i]);
    bool ends = i + 1 == ordered.size() ||
                !equals(key(ordered[i], !case_sensitive), key(ordered[i + 1], !case_sensitive));
    if (!ends) continue;
    Value name = key(group.front(), false);
    auto pair = std::make_shared<Group>(name, Value::list(std::exchange(group, {})));
    out.push_back(Value(std::static_pointer_cast<Object>(std::move(pair))));
  }
  return Value::list(std::move(out));
}

constexpr FilterEntry kOrderingFilters[] = {
    {"dictsort", dictsort},  {"groupby", groupby}, {"max", extreme<true>},
    {"min", extreme<false>}, {"sort", sort},       {"unique", unique},
};

}  // namespace

std::span<const FilterEntry> ordering_filters() {
  return kOrderingFilters;
}

}  // namespace sift::jinja
