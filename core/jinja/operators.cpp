#include "jinja/operators.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "jinja/markup.h"

namespace sift::jinja {
namespace {

constexpr const char* kSymbols[] = {"+", "-", "*", "/", "//", "%", "**"};

[[noreturn]] void fail_types(BinaryOp op, const Value& left, const Value& right) {
  throw Fault(fmt::format("unsupported operand types for {}: '{}' and '{}'", kSymbols[static_cast<int>(op)],
                          left.type_name(), right.type_name()));
}

[[noreturn]] void fail_overflow() {
  throw Fault("integer result does not fit in 64 bits");
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  if (b == 0) throw Fault("integer division or modulo by zero");
  if (b == -1) {
    if (a == std::numeric_limits<std::int64_t>::min()) fail_overflow();
    return -a;
  }
  std::int64_t quotient = a / b;
  return quotient - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0);
}

std::int64_t modulo(std::int64_t a, std::int64_t b) {
  if (b == 0) throw Fault("integer division or modulo by zero");
  if (b == -1) return 0;
  std::int64_t rest = a % b;
  return rest + ((rest != 0 && (rest < 0) != (b < 0)) ? b : 0);
}

double float_modulo(double a, double b) {
  if (b == 0) throw Fault("float modulo by zero");
  double rest = std::fmod(a, b);
  if (rest == 0) return std::copysign(0.0, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}

double float_floor_divide(double a, double b) {
  if (b == 0) throw Fault("float floor division by zero");
  double rest = std::fmod(a, b);
  double quotient = (a - rest) / b;
  if (rest != 0 && (b < 0) != (rest < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(0.0, a / b);
  double floored = std::floor(quotient);
  return quotient - floored > 0.5 ? floored + 1 : floored;
}

Value integer_power(std::int64_t base, std::int64_t exponent) {
  if (exponent < 0) return float_power(static_cast<double>(base), static_cast<double>(exponent));
  std::int64_t result = 1;
  while (exponent > 0) {
    if ((exponent & 1) != 0 && __builtin_mul_overflow(result, base, &result)) fail_overflow();
    exponent >>= 1;
    if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) fail_overflow();
  }
  return result;
}

double to_exact_double(std::int64_t value) {
  return static_cast<double>(value);
}

Value integers(BinaryOp op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  switch (op) {
    case BinaryOp::kAdd:
      if (__builtin_add_overflow(a, b, &result)) fail_overflow();
      return result;
    case BinaryOp::kSubtract:
      if (__builtin_sub_overflow(a, b, &result)) fail_overflow();
      return result;
    case BinaryOp::kMultiply:
      if (__builtin_mul_overflow(a, b, &result)) fail_overflow();
      return result;
    case BinaryOp::kDivide:
      if (b == 0) throw Fault("division by zero");
      return to_exact_double(a) / to_exact_double(b);
    case BinaryOp::kFloorDivide:
      return floor_divide(a, b);
    case BinaryOp::kModulo:
      return modulo(a, b);
    case BinaryOp::kPower:
      return integer_power(a, b);
  }
  return result;
}

Value floats(BinaryOp op, double a, double b) {
  switch (op) {
    case BinaryOp::kAdd:
      return a + b;
    case BinaryOp::kSubtract:
      return a - b;
    case BinaryOp::kMultiply:
      return a * b;
    case BinaryOp::kDivide:
      if (b == 0) throw Fault("float division by zero");
      return a / b;
    case BinaryOp::kFloorDivide:
      return float_floor_divide(a, b);
    case BinaryOp::kModulo:
      return float_modulo(a, b);
    case BinaryOp::kPower:
      return float_power(a, b);
  }
  return a;
}

Value repeat(const Value& value, std::int64_t count) {
  auto times = static_cast<std::size_t>(count < 0 ? 0 : count);
  if (value.is_string()) {
    const std::string& text = value.text();
    if (!text.empty() && times > kMaxTextBytes / text.size()) {
      throw Fault(fmt::format("text longer than {} bytes", kMaxTextBytes));
    }
    std::string out;
    if (!text.empty()) out.reserve(text.size() * times);
    for (std::size_t i = 0; i < times && !text.empty(); ++i) out += text;
    return Value(std::move(out), value.as_string().markup);
  }
  const std::vector<Value>& items = value.items();
  if (!items.empty() && times > kMaxListItems / items.size()) {
    throw Fault(fmt::format("list of more than {} items", kMaxListItems));
  }
  std::vector<Value> out;
  for (std::size_t i = 0; i < times && !items.empty(); ++i) out.insert(out.end(), items.begin(), items.end());
  return value.kind() == Kind::kList ? Value::list(std::move(out)) : Value::tuple(std::move(out));
}

Value add_containers(const Value& left, const Value& right) {
  if (left.is_string() && right.is_string()) return add_texts(left.as_string(), right.as_string());
  if (!left.is_sequence() || left.kind() != right.kind()) fail_types(BinaryOp::kAdd, left, right);
  std::vector<Value> items = left.items();
  items.insert(items.end(), right.items().begin(), right.items().end());
  return left.kind() == Kind::kList ? Value::list(std::move(items)) : Value::tuple(std::move(items));
}

}  // namespace

double float_power(double base, double exponent) {
  if (base == 0 && exponent < 0) throw Fault("0.0 cannot be raised to a negative power");
  if (base < 0 && std::isfinite(base) && std::isfinite(exponent) && std::floor(exponent) != exponent) {
    throw Fault("complex numbers are not supported");
  }
  double result = std::pow(base, exponent);
  if (std::isinf(result) && std::isfinite(base) && std::isfinite(exponent))
    throw Fault("float result too large");
  return result;
}

Value binary(BinaryOp op, const Value& left, const Value& right) {
  if (op == BinaryOp::kModulo && left.is_string()) return percent_format(left, right);
  if (left.is_undefined()) fail_undefined(left);
  if (right.is_undefined()) fail_undefined(right);
  if (left.is_integral() && right.is_integral()) return integers(op, left.integer(), right.integer());
  if (left.is_number() && right.is_number()) return floats(op, left.real(), right.real());
  if (op == BinaryOp::kAdd) return add_containers(left, right);
  if (op == BinaryOp::kMultiply) {
    if ((left.is_string() || left.is_sequence()) && right.is_integral()) return repeat(left, right.integer());
    if ((right.is_string() || right.is_sequence()) && left.is_integral())
      return repeat(right, left.integer());
  }
  fail_types(op, left, right);
}

Value negate(const Value& operand) {
  if (operand.is_undefined()) fail_undefined(operand);
  if (operand.is_integral()) return integers(BinaryOp::kSubtract, 0, operand.integer());
  if (operand.is_number()) return -operand.real();
  throw Fault(fmt::format("bad operand type for unary -: '{}'", operand.type_name()));
}

Value plus(const Value& operand) {
  if (operand.is_undefined()) fail_undefined(operand);
  if (operand.is_integral()) return operand.integer();
  if (operand.is_number()) return operand;
  throw Fault(fmt::format("bad operand type for unary +: '{}'", operand.type_name()));
}

}  // namespace sift::jinja
