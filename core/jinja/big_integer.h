#pragma once

#include <string>
#include <string_view>

#include "jinja/value.h"

namespace sift::jinja {

/// An integer of more than 64 bits, which templates can print and compare for equality; arithmetic and order
/// are a Fault.
class BigInteger : public Object {
 public:
  /// Decimal digits without zeros in front, and a minus sign if it is negative.
  explicit BigInteger(std::string_view digits) : digits_(digits) {}
  const std::string& digits() const { return digits_; }
  double real() const;

  std::string type_name() const override { return "int of more than 64 bits"; }
  std::string repr() override { return digits_; }
  std::optional<bool> equals(const Value& other) override;

 private:
  std::string digits_;
};

}  // namespace sift::jinja
