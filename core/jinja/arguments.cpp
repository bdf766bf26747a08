#include "jinja/arguments.h"

#include <fmt/format.h>

namespace sift::jinja {
namespace {

std::string_view bare(const char* name) {
  std::string_view view(name);
  return view.starts_with('/') ? view.substr(1) : view;
}

}  // namespace

Bound::Bound(const char* function, std::initializer_list<const char*> names, std::size_t num_required,
             const Arguments& arguments)
    : function_(function), names_(names), values_(names.size(), nullptr) {
  if (arguments.positional.size() > names_.size()) {
    throw Fault(fmt::format("{} takes at most {} argument(s), {} given", function, names_.size(),
                            arguments.positional.size()));
  }
  for (std::size_t i = 0; i < arguments.positional.size(); ++i) values_[i] = &arguments.positional[i];
  for (const auto& [name, value] : arguments.named) {
    std::size_t index = 0;
    while (index < names_.size() && names_[index] != name) ++index;
    if (index == names_.size()) throw Fault(fmt::format("{} has no keyword argument '{}'", function, name));
    if (values_[index] != nullptr) throw Fault(fmt::format("{} got argument '{}' twice", function, name));
    values_[index] = &value;
  }
  for (std::size_t i = 0; i < num_required; ++i) {
    if (values_[i] == nullptr) {
      throw Fault(fmt::format("{} is missing argument '{}'", function, bare(names_[i])));
    }
  }
}

Value Bound::value(std::size_t index, const Value& fallback) const {
  return given(index) ? *values_[index] : fallback;
}

void Bound::fail_type(std::size_t index, const char* expected) const {
  const Value& value = *values_[index];
  if (value.is_undefined()) fail_undefined(value);
  throw Fault(fmt::format("{}: argument '{}' must be {}, not {}", function_, bare(names_[index]), expected,
                          value.type_name()));
}

const std::string& Bound::text(std::size_t index) const {
  if (!values_[index]->is_string()) fail_type(index, "str");
  return values_[index]->text();
}

std::int64_t Bound::integer(std::size_t index) const {
  if (!values_[index]->is_integral()) fail_type(index, "int");
  return values_[index]->integer();
}

std::int64_t Bound::integer(std::size_t index, std::int64_t fallback) const {
  return given(index) ? integer(index) : fallback;
}

bool Bound::flag(std::size_t index, bool fallback) const {
  return given(index) ? values_[index]->truthy() : fallback;
}

}  // namespace sift::jinja
