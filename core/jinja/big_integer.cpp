#include "jinja/big_integer.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

namespace sift::jinja {

double BigInteger::real() const {
  const double value = std::strtod(digits_.c_str(), nullptr);
  if (std::isinf(value)) throw Fault("int too large to convert to float");
  return value;
}

std::optional<bool> BigInteger::equals(const Value& other) {
  if (const auto big = other.object_as<BigInteger>()) return big->digits_ == digits_;
  // no smaller integer is equal; a double is one of many digits
  return other.kind() == Kind::kFloat && std::isfinite(other.real()) &&
         fmt::format("{:.0f}", other.real()) == digits_;
}

}  // namespace sift::jinja
