#include <fmt/format.h>

#include <algorithm>

#include "jinja/interpreter.h"

namespace sift::jinja {
namespace {

class Macro : public Object {
 public:
  Macro(Interpreter& interpreter, const MacroDefinition& definition, ScopePtr closure)
      : interpreter_(interpreter), definition_(definition), closure_(std::move(closure)) {}

  std::string type_name() const override { return "Macro"; }
  bool callable() const override { return true; }

  Value call(RenderContext& /*context*/, const Arguments& arguments) override {
    return Value(interpreter_.run_macro(definition_, closure_, arguments));
  }

  std::optional<Value> attribute(RenderContext& /*context*/, std::string_view name) override {
    if (name == "name") return definition_.name.empty() ? Value() : Value(definition_.name);
    if (name == "catch_kwargs") return Value(definition_.uses_kwargs);
    if (name == "catch_varargs") return Value(definition_.uses_varargs);
    if (name == "caller") return Value(definition_.uses_caller);
    if (name != "arguments") return std::nullopt;
    std::vector<Value> names(definition_.parameter_names.begin(), definition_.parameter_names.end());
    return Value::tuple(std::move(names));
  }

  std::string repr() override {
    return definition_.name.empty() ? "<Macro anonymous>" : "<Macro " + repr_of_text(definition_.name) + ">";
  }

 private:
  Interpreter& interpreter_;
  const MacroDefinition& definition_;
  ScopePtr closure_;
};

/// Takes a named argument out of the ones that are left.
std::optional<Value> take(std::vector<std::pair<std::string, Value>>& named, const std::string& name) {
  auto found =
      std::find_if(named.begin(), named.end(), [&name](const auto& entry) { return entry.first == name; });
  if (found == named.end()) return std::nullopt;
  Value value = std::move(found->second);
  named.erase(found);
  return value;
}

}  // namespace

Value Interpreter::make_macro(const MacroDefinition& definition) {
  closures_.push_back(scope_);
  return Value(std::static_pointer_cast<Object>(std::make_shared<Macro>(*this, definition, scope_)));
}

std::string Interpreter::run_macro(const MacroDefinition& definition, const ScopePtr& closure,
                                   const Arguments& arguments) {
  Entered frame(*this, closure, definition.frame.unset);
  bind_parameters(definition, arguments);
  return capture([&] { execute(definition.frame.body); });
}

void Interpreter::bind_parameters(const MacroDefinition& definition, const Arguments& arguments) {
  const auto& positional = arguments.positional;
  auto named = arguments.named;
  std::size_t size = definition.parameters.size();
  std::size_t num_given = std::min(positional.size(), size);
  std::vector<std::optional<Value>> values(positional.begin(),
                                           positional.begin() + static_cast<std::ptrdiff_t>(num_given));
  bool found_caller = num_given == size && definition.explicit_caller;
  for (std::size_t i = num_given; i < size; ++i) {
    values.push_back(take(named, definition.parameter_names[i]));
    found_caller = found_caller || definition.parameter_names[i] == "caller";
  }
  if (definition.uses_caller && !found_caller) {
    auto caller = take(named, "caller");
    if (!caller || caller->is_none()) caller = Value::undefined("No caller defined");
    scope_->set(definition.caller_id, *caller);
  }
  if (definition.uses_kwargs) {
    Dict rest;
    for (auto& [name, value] : named) rest.items.emplace_back(Value(name), std::move(value));
    scope_->set(definition.kwargs_id, Value(std::move(rest)));
  } else if (!named.empty()) {
    throw Fault(
        fmt::format("macro '{}' takes no keyword argument '{}'", definition.name, named.front().first));
  }
  if (definition.uses_varargs) {
    std::vector<Value> rest(positional.begin() + static_cast<std::ptrdiff_t>(num_given), positional.end());
    scope_->set(definition.varargs_id, Value::tuple(std::move(rest)));
  } else if (positional.size() > size) {
    throw Fault(fmt::format("macro '{}' takes not more than {} argument(s)", definition.name, size));
  }
  // Defaults may use the parameters before them.
  for (std::size_t i = 0; i < size; ++i) {
    if (values[i]) scope_->set(definition.parameters[i], std::move(*values[i]));
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (values[i]) continue;
    std::size_t first_default = size - definition.defaults.size();
    Value value =
        i >= first_default
            ? evaluate(*definition.defaults[i - first_default])
            : Value::undefined(fmt::format("parameter '{}' was not provided", definition.parameter_names[i]));
    scope_->set(definition.parameters[i], std::move(value));
  }
}

}  // namespace sift::jinja
