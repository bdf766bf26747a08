#include <fmt/format.h>

#include <cmath>

#include "jinja/arguments.h"
#include "jinja/big_integer.h"
#include "jinja/filters.h"
#include "jinja/number_text.h"
#include "jinja/operators.h"

namespace sift::jinja {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

std::int64_t truncated(double value) {
  if (std::isnan(value)) throw Fault("cannot convert float NaN to integer");
  if (std::isinf(value)) throw Fault("cannot convert float infinity to integer");
  if (value >= kTwoTo63 || value < -kTwoTo63) throw Fault("integer result does not fit in 64 bits");
  return static_cast<std::int64_t>(value);
}

Value to_int(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("int", {"default", "base"}, 0, arguments);
  Value fallback = bound.value(0, Value(std::int64_t{0}));
  if (input.is_undefined()) fail_undefined(input);
  if (input.is_integral()) return input.integer();
  if (input.object_as<BigInteger>() != nullptr) return input;
  if (input.kind() == Kind::kFloat)
    return std::isfinite(input.real()) ? Value(truncated(input.real())) : fallback;
  if (!input.is_string()) return fallback;
  bool usable_base = !bound.given(1) || bound[1].is_integral();
  if (auto whole = usable_base ? integer_from_text(input.text(), bound.integer(1, 10)) : std::nullopt)
    return *whole;
  auto real = float_from_text(input.text());
  return real && std::isfinite(*real) ? Value(truncated(*real)) : fallback;
}

Value to_float(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("float", {"default"}, 0, arguments);
  if (input.is_undefined()) fail_undefined(input);
  if (input.is_number()) return input.real();
  if (const auto big = input.object_as<BigInteger>()) return big->real();
  if (input.is_string()) {
    if (auto real = float_from_text(input.text())) return *real;
  }
  return bound.value(0, Value(0.0));
}

Value absolute(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("abs", {}, 0, arguments);
  if (input.is_undefined()) fail_undefined(input);
  if (input.is_integral()) return input.integer() < 0 ? negate(input) : Value(input.integer());
  if (input.is_number()) return std::abs(input.real());
  throw Fault(fmt::format("bad operand type for abs(): '{}'", input.type_name()));
}

Value round_integer(std::int64_t value, std::int64_t precision) {
  if (precision >= 0) return value;
  if (precision < -18) return std::int64_t{0};
  std::int64_t unit = 1;
  for (std::int64_t i = 0; i < -precision; ++i) unit *= 10;
  std::int64_t rest = value % unit;
  std::int64_t down = value - rest;
  std::int64_t twice = 2 * (rest < 0 ? -rest : rest);
  bool away = twice > unit || (twice == unit && (down / unit) % 2 != 0);
  return down + (away ? (value < 0 ? -unit : unit) : 0);
}

/// Correctly rounded from the exact binary value, ties to even, as Python's round.
double round_float(double value, std::int64_t precision) {
  if (!std::isfinite(value) || precision > 330) return value;
  if (precision < -330) return std::copysign(0.0, value);
  if (precision >= 0) return *float_from_text(fmt::format("{:.{}f}", value, static_cast<int>(precision)));
  double unit = std::pow(10.0, static_cast<double>(-precision));
  double scaled = value / unit;
  double rounded = std::round(scaled);
  if (std::abs(scaled - rounded) == 0.5) rounded = 2.0 * std::round(scaled / 2.0);
  return rounded * unit;
}

Value round(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("round", {"precision", "method"}, 0, arguments);
  std::string method = bound.given(1) ? to_text(bound[1]) : "common";
  if (method != "common" && method != "ceil" && method != "floor") {
    throw Fault("round: method must be common, ceil or floor");
  }
  if (input.is_undefined()) fail_undefined(input);
  if (!input.is_number()) throw Fault(fmt::format("round needs a number, not {}", input.type_name()));
  std::int64_t precision = bound.present(0) ? bound.integer(0) : 0;
  if (method == "common") {
    if (input.is_integral()) return round_integer(input.integer(), precision);
    if (bound.given(0) && bound[0].is_none()) return truncated(round_float(input.real(), 0));
    return round_float(input.real(), precision);
  }
  Value scale = binary(BinaryOp::kPower, Value(std::int64_t{10}), Value(precision));
  Value scaled = binary(BinaryOp::kMultiply, input, scale);
  if (!scaled.is_integral()) {
    double real = scaled.real();
    scaled = Value(truncated(method == "ceil" ? std::ceil(real) : std::floor(real)));
  }
  return binary(BinaryOp::kDivide, scaled, scale);
}

Value sum(RenderContext& context, const Value& input, const Arguments& arguments) {
  Bound bound("sum", {"attribute", "start"}, 0, arguments);
  Value total = bound.value(1, Value(std::int64_t{0}));
  if (total.is_string()) throw Fault("sum() can't sum strings [use ''.join(seq) instead]");
  auto cursor = iterate(input);
  while (auto item = cursor->next()) {
    total = binary(BinaryOp::kAdd, total,
                   bound.present(0) ? follow_path(context, *item, bound[0], nullptr) : *item);
  }
  return total;
}

constexpr FilterEntry kNumberFilters[] = {
    {"abs", absolute}, {"float", to_float}, {"int", to_int}, {"round", round}, {"sum", sum},
};

}  // namespace

std::span<const FilterEntry> number_filters() {
  return kNumberFilters;
}

}  // namespace sift::jinja
