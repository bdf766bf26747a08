#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <sift/export.h>

namespace sift {

/// An error that a user can cause. The message is a single line and states what is wrong, where, what was
/// found, what was expected and how to fix it; the program prints it unchanged. Bugs in Sift itself are
/// asserts, never an Error.
class SIFT_API Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};

/// An invalid command line. Printed like Error, but the program exits with status 2.
class SIFT_API UsageError : public Error {
 public:
  using Error::Error;
};

}  // namespace sift
