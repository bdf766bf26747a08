#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <sift/export.h>

namespace sift {

/// Anything a user can cause. The text says what is wrong, where, what was found, what was expected and
/// what to do next, on one line; the program prints it as it is. Bugs of Sift itself are asserts, never this.
class SIFT_API Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};

/// A request the command line cannot mean: printed like Error, but the program exits with status 2.
class SIFT_API UsageError : public Error {
 public:
  using Error::Error;
};

}  // namespace sift
