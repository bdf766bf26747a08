#include <fmt/format.h>

#include <algorithm>

#include "jinja/filters.h"
#include "jinja/objects.h"
#include "jinja/render_context.h"
#include "jinja/tests.h"

/// map, select, reject, selectattr and rejectattr: lazy, as the generators of jinja2 are.
namespace sift::jinja {
namespace {

using Step = std::function<std::optional<Value>(const Value& item)>;

int depth_over(const Value& input, const Arguments& arguments) {
  int depth = input.depth();
  for (const Value& value : arguments.positional) depth = std::max(depth, value.depth());
  for (const auto& [name, value] : arguments.named) depth = std::max(depth, value.depth());
  return depth + 1;
}

/// Applies what `prepare` makes to the items. Nothing, not even a check of the arguments, happens before
/// the first item is asked for, and nothing at all over a false value.
Value lazily(RenderContext& context, const Value& input, const Arguments& arguments,
             std::function<Step()> prepare) {
  struct State {
    std::unique_ptr<Cursor> cursor;
    Step step;
    bool started = false;
  };
  auto state = std::make_shared<State>();
  auto next = [&context, state, input, prepare = std::move(prepare)]() -> std::optional<Value> {
    if (!state->started) {
      state->started = true;
      if (!input.truthy()) return std::nullopt;
      state->step = prepare();
      state->cursor = iterate(input);
    }
    while (state->cursor) {
      auto item = state->cursor->next();
      if (!item) break;
      context.step();
      if (auto out = state->step(*item)) return out;
    }
    state->cursor.reset();
    return std::nullopt;
  };
  return make_iterator(std::move(next), depth_over(input, arguments));
}

const std::string& name_argument(const Arguments& arguments, std::size_t index, const char* what) {
  const Value& name = arguments.positional[index];
  if (!name.is_string())
    throw Fault(fmt::format("the name of a {} must be a text, not {}", what, name.type_name()));
  return name.text();
}

Arguments without_first(const Arguments& arguments, std::size_t count) {
  Arguments out = arguments;
  out.positional.erase(out.positional.begin(), out.positional.begin() + static_cast<std::ptrdiff_t>(count));
  return out;
}

Step prepare_map(RenderContext& context, const Arguments& arguments) {
  if (!arguments.positional.empty()) {
    const std::string& name = name_argument(arguments, 0, "filter");
    Filter filter = find_filter(name);
    if (filter == nullptr) throw Fault(fmt::format("there is no filter '{}'", name));
    return [&context, filter, rest = without_first(arguments, 1)](const Value& item) -> std::optional<Value> {
      spend(weight_of(item));
      return filter(context, item, rest);
    };
  }
  std::optional<Value> path;
  Value fallback;
  for (const auto& [name, value] : arguments.named) {
    if (name == "attribute") {
      path = value;
    } else if (name == "default") {
      fallback = value;
    } else {
      throw Fault(fmt::format("map has no keyword argument '{}'", name));
    }
  }
  if (!path) throw Fault("map requires a filter argument");
  return [&context, path = *path, fallback](const Value& item) -> std::optional<Value> {
    return follow_path(context, item, path, &fallback);
  };
}

Step prepare_select(RenderContext& context, const Arguments& arguments, bool keep, bool by_attribute) {
  std::size_t num_used = by_attribute ? 1 : 0;
  if (arguments.positional.size() < num_used) throw Fault("missing parameter for attribute name");
  Value path = by_attribute ? arguments.positional[0] : Value();
  Test test = nullptr;
  if (arguments.positional.size() > num_used) {
    const std::string& name = name_argument(arguments, num_used, "test");
    test = find_test(name);
    if (test == nullptr) throw Fault(fmt::format("there is no test '{}'", name));
    ++num_used;
  }
  return [&context, path, test, keep, rest = without_first(arguments, num_used)](const Value& item) {
    Value value = follow_path(context, item, path, nullptr);
    bool passes = test != nullptr ? test(context, value, rest) : value.truthy();
    return passes == keep ? std::optional<Value>(item) : std::nullopt;
  };
}

Value map(RenderContext& context, const Value& input, const Arguments& arguments) {
  return lazily(context, input, arguments, [&context, arguments] { return prepare_map(context, arguments); });
}

template <bool kKeep, bool kByAttribute>
Value select(RenderContext& context, const Value& input, const Arguments& arguments) {
  return lazily(context, input, arguments,
                [&context, arguments] { return prepare_select(context, arguments, kKeep, kByAttribute); });
}

constexpr FilterEntry kSelectionFilters[] = {
    {"map", map},
    {"reject", select<false, false>},
    {"rejectattr", select<false, true>},
    {"select", select<true, false>},
    {"selectattr", select<true, true>},
};

}  // namespace

std::span<const FilterEntry> selection_filters() {
  return kSelectionFilters;
}

}  // namespace sift::jinja
