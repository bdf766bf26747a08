#pragma once

#include "jinja/value.h"

/// Python's operators over template values. Type errors and overflow are Faults.
namespace sift::jinja {

enum class BinaryOp { kAdd, kSubtract, kMultiply, kDivide, kFloorDivide, kModulo, kPower };
enum class CompareOp { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual, kIn, kNotIn };

bool equals(const Value& left, const Value& right);
bool compare(CompareOp op, const Value& left, const Value& right);
bool contains(const Value& container, const Value& item);
/// left < right, as sorted() asks it.
bool less(const Value& left, const Value& right);
void check_hashable(const Value& key);

Value binary(BinaryOp op, const Value& left, const Value& right);
Value negate(const Value& operand);
Value plus(const Value& operand);

/// base ** exponent for floats, with Python's errors.
double float_power(double base, double exponent);
/// template_text % arguments, Python's printf-like formatting.
Value percent_format(const Value& format, const Value& arguments);

}  // namespace sift::jinja
