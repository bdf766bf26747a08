#include "jinja/tests.h"

#include <fmt/format.h>

#include <map>

#include "jinja/arguments.h"
#include "jinja/big_integer.h"
#include "jinja/filters.h"
#include "jinja/letter_case.h"
#include "jinja/operators.h"

namespace sift::jinja {
namespace {

template <bool (*kTest)(const Value&)>
bool plain(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("test", {}, 0, arguments);
  return kTest(input);
}

template <CompareOp kOp>
bool compared(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("test", {"/other"}, 1, arguments);
  return compare(kOp, input, bound[0]);
}

bool in(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("in", {"seq"}, 1, arguments);
  return contains(bound[0], input);
}

bool same_as(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("sameas", {"other"}, 1, arguments);
  return input.same_as(bound[0]);
}

bool divisible_by(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("divisibleby", {"num"}, 1, arguments);
  return equals(binary(BinaryOp::kModulo, input, bound[0]), Value(std::int64_t{0}));
}

bool is_odd(const Value& value) {
  return equals(binary(BinaryOp::kModulo, value, Value(std::int64_t{2})), Value(std::int64_t{1}));
}
bool is_even(const Value& value) {
  return equals(binary(BinaryOp::kModulo, value, Value(std::int64_t{2})), Value(std::int64_t{0}));
}
bool is_defined(const Value& value) {
  return !value.is_undefined();
}
bool is_undefined(const Value& value) {
  return value.is_undefined();
}
bool is_none(const Value& value) {
  return value.is_none();
}
bool is_boolean(const Value& value) {
  return value.is_bool();
}
bool is_true(const Value& value) {
  return value.is_bool() && value.as_bool();
}
bool is_false(const Value& value) {
  return value.is_bool() && !value.as_bool();
}
bool is_integer(const Value& value) {
  return value.kind() == Kind::kInt || value.object_as<BigInteger>() != nullptr;
}
bool is_float(const Value& value) {
  return value.kind() == Kind::kFloat;
}
bool is_number(const Value& value) {
  return value.is_number() || value.object_as<BigInteger>() != nullptr;
}
bool is_string(const Value& value) {
  return value.is_string();
}
bool is_mapping(const Value& value) {
  return value.is_dict();
}
bool is_lower(const Value& value) {
  return is_lower_text(to_text(value));
}
bool is_upper(const Value& value) {
  return is_upper_text(to_text(value));
}
bool is_escaped(const Value& value) {
  return value.is_string() && value.as_string().markup;
}
bool is_callable(const Value& value) {
  return value.is_undefined() || (value.is_object() && value.object()->callable());
}
bool is_sequence(const Value& value) {
  if (value.is_object()) return value.object()->indexable();
  return value.is_undefined() || value.is_string() || value.is_sequence() || value.is_dict();
}
/// Undefined is asked for by name here too, and a list cannot be looked up among names.
bool is_filter(const Value& value) {
  check_hashable(value);
  return value.is_string() && is_filter_name(value.text());
}
bool is_test(const Value& value) {
  check_hashable(value);
  return value.is_string() && find_test(value.text()) != nullptr;
}

}  // namespace

Test find_test(std::string_view name) {
  static const std::map<std::string_view, Test> tests = {
      {"!=", compared<CompareOp::kNotEqual>},
      {"<", compared<CompareOp::kLess>},
      {"<=", compared<CompareOp::kLessEqual>},
      {"==", compared<CompareOp::kEqual>},
      {">", compared<CompareOp::kGreater>},
      {">=", compared<CompareOp::kGreaterEqual>},
      {"boolean", plain<is_boolean>},
      {"callable", plain<is_callable>},
      {"defined", plain<is_defined>},
      {"divisibleby", divisible_by},
      {"eq", compared<CompareOp::kEqual>},
      {"equalto", compared<CompareOp::kEqual>},
      {"escaped", plain<is_escaped>},
      {"even", plain<is_even>},
      {"false", plain<is_false>},
      {"filter", plain<is_filter>},
      {"float", plain<is_float>},
      {"ge", compared<CompareOp::kGreaterEqual>},
      {"greaterthan", compared<CompareOp::kGreater>},
      {"gt", compared<CompareOp::kGreater>},
      {"in", in},
      {"integer", plain<is_integer>},
      {"iterable", plain<is_iterable>},
      {"le", compared<CompareOp::kLessEqual>},
      {"lessthan", compared<CompareOp::kLess>},
      {"lower", plain<is_lower>},
      {"lt", compared<CompareOp::kLess>},
      {"mapping", plain<is_mapping>},
      {"ne", compared<CompareOp::kNotEqual>},
      {"none", plain<is_none>},
      {"number", plain<is_number>},
      {"odd", plain<is_odd>},
      {"sameas", same_as},
      {"sequence", plain<is_sequence>},
      {"string", plain<is_string>},
      {"test", plain<is_test>},
      {"true", plain<is_true>},
      {"undefined", plain<is_undefined>},
      {"upper", plain<is_upper>},
  };
  auto found = tests.find(name);
  return found == tests.end() ? nullptr : found->second;
}

}  // namespace sift::jinja
