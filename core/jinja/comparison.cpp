#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <compare>

#include "jinja/operators.h"
#include "jinja/work.h"

namespace sift::jinja {
namespace {

constexpr const char* kComparisonSymbols[] = {"==", "!=", "<", "<=", ">", ">=", "in", "not in"};

/// Exact, also where an integer has no double of its own. NaN is unordered.
std::partial_ordering order_numbers(const Value& left, const Value& right) {
  if (left.is_integral() && right.is_integral()) return left.integer() <=> right.integer();
  if (!left.is_integral() && !right.is_integral()) return left.real() <=> right.real();
  bool swapped = right.is_integral();
  std::int64_t whole = swapped ? right.integer() : left.integer();
  double real = swapped ? left.real() : right.real();
  std::partial_ordering order = std::partial_ordering::unordered;
  if (real >= 9223372036854775808.0) {
    order = std::partial_ordering::less;
  } else if (real < -9223372036854775808.0) {
    order = std::partial_ordering::greater;
  } else if (!std::isnan(real)) {
    double floored = std::floor(real);
    order = whole <=> static_cast<std::int64_t>(floored);
    if (std::is_eq(order) && floored < real) order = std::partial_ordering::less;
  }
  if (!swapped || std::is_eq(order)) return order;
  if (std::is_lt(order)) return std::partial_ordering::greater;
  return std::is_gt(order) ? std::partial_ordering::less : order;
}

bool equal_dicts(const Dict& left, const Dict& right) {
  if (left.items.size() != right.items.size()) return false;
  for (const auto& [key, value] : left.items) {
    const Value* other = right.find(key);
    if (other == nullptr || !equals(value, *other)) return false;
  }
  return true;
}

bool ordered(CompareOp op, std::partial_ordering order) {
  switch (op) {
    case CompareOp::kLess:
      return std::is_lt(order);
    case CompareOp::kLessEqual:
      return std::is_lteq(order);
    case CompareOp::kGreater:
      return std::is_gt(order);
    default:
      return std::is_gteq(order);
  }
}

bool compare_order(CompareOp op, const Value& left, const Value& right) {
  if (left.is_undefined()) fail_undefined(left);
  if (right.is_undefined()) fail_undefined(right);
  if (left.is_number() && right.is_number()) return ordered(op, order_numbers(left, right));
  spend(1);
  if (left.is_string() && right.is_string()) {
    spend(std::min(left.text().size(), right.text().size()) / 64);
    return ordered(op, left.text() <=> right.text());
  }
  if (left.is_sequence() && left.kind() == right.kind()) {
    const auto& a = left.items();
    const auto& b = right.items();
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
      if (!equals(a[i], b[i])) return compare_order(op, a[i], b[i]);
    }
    return ordered(op, a.size() <=> b.size());
  }
  throw Fault(fmt::format("'{}' not supported between '{}' and '{}'",
                          kComparisonSymbols[static_cast<int>(op)], left.type_name(), right.type_name()));
}

}  // namespace

bool equals(const Value& left, const Value& right) {
  spend(1);
  if (left.is_number() && right.is_number()) return std::is_eq(order_numbers(left, right));
  if (left.is_object() || right.is_object()) {
    const Value& object = left.is_object() ? left : right;
    const Value& other = left.is_object() ? right : left;
    if (auto result = object.object()->equals(other)) return *result;
    return other.is_object() && object.object() == other.object();
  }
  if (left.kind() != right.kind()) return false;
  switch (left.kind()) {
    case Kind::kString:
      spend(std::min(left.text().size(), right.text().size()) / 64);
      return left.text() == right.text();
    case Kind::kList:
    case Kind::kTuple: {
      const auto& a = left.items();
      const auto& b = right.items();
      if (a.size() != b.size()) return false;
      for (std::size_t i = 0; i < a.size(); ++i) {
        if (!equals(a[i], b[i])) return false;
      }
      return true;
    }
    case Kind::kDict:
      return equal_dicts(left.as_dict(), right.as_dict());
    default:
      return true;  // None and undefined
  }
}

bool less(const Value& left, const Value& right) {
  return compare_order(CompareOp::kLess, left, right);
}

bool compare(CompareOp op, const Value& left, const Value& right) {
  switch (op) {
    case CompareOp::kEqual:
      return equals(left, right);
    case CompareOp::kNotEqual:
      return !equals(left, right);
    case CompareOp::kIn:
      return contains(right, left);
    case CompareOp::kNotIn:
      return !contains(right, left);
    default:
      return compare_order(op, left, right);
  }
}

void check_hashable(const Value& key) {
  if (key.kind() == Kind::kList || key.is_dict()) {
    throw Fault(fmt::format("unhashable type: '{}'", key.type_name()));
  }
  if (key.kind() == Kind::kTuple) {
    for (const Value& item : key.items()) check_hashable(item);
  }
}

bool contains(const Value& container, const Value& item) {
  if (container.is_string()) {
    if (!item.is_string()) {
      throw Fault(fmt::format("'in <string>' requires string as left operand, not {}", item.type_name()));
    }
    spend(weight_of(container));
    return container.text().find(item.text()) != std::string::npos;
  }
  if (container.is_dict()) {
    check_hashable(item);
    return container.as_dict().find(item) != nullptr;
  }
  if (!is_iterable(container)) {
    throw Fault(fmt::format("argument of type '{}' is not iterable", container.type_name()));
  }
  auto cursor = iterate(container);
  while (auto candidate = cursor->next()) {
    if (equals(*candidate, item)) return true;
  }
  return false;
}

}  // namespace sift::jinja
