#pragma once

#include <initializer_list>

#include "jinja/value.h"

namespace sift::jinja {

/// The arguments of one call matched with the parameters of a built-in.
///
/// A parameter name with a leading '/' can only be given by position, as in most of Python's own methods.
///   Bound bound("split", {"sep", "maxsplit"}, 0, arguments);
///   std::int64_t limit = bound.integer(1, -1);
class Bound {
 public:
  Bound(const char* function, std::initializer_list<const char*> names, std::size_t num_required,
        const Arguments& arguments);

  bool given(std::size_t index) const { return values_[index] != nullptr; }
  /// Given, and not None.
  bool present(std::size_t index) const { return given(index) && !values_[index]->is_none(); }
  const Value& operator[](std::size_t index) const { return *values_[index]; }
  Value value(std::size_t index, const Value& fallback) const;
  const std::string& text(std::size_t index) const;
  std::int64_t integer(std::size_t index) const;
  std::int64_t integer(std::size_t index, std::int64_t fallback) const;
  bool flag(std::size_t index, bool fallback) const;
  /// A flag of one of Python's own functions, which take numbers only.
  bool number_flag(std::size_t index, bool fallback) const { return integer(index, fallback ? 1 : 0) != 0; }

 private:
  [[noreturn]] void fail_type(std::size_t index, const char* expected) const;

  const char* function_;
  std::vector<const char*> names_;
  std::vector<const Value*> values_;
};

}  // namespace sift::jinja
