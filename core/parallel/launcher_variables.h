#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "parallel/process_info.h"

namespace sift {

/// The most processes that a run may have.
constexpr std::int64_t kMostProcesses = 1 << 20;

/// The environment variables that a launcher sets, with its name in the messages of errors.
class LauncherVariables {
 public:
  /// `sign` is the variable that shows who started the process. The environment must outlive the object.
  LauncherVariables(const Environment& environment, std::string setter, std::string sign);

  const std::string& setter() const { return setter_; }
  /// Nothing if it is not set, or empty.
  std::optional<std::string> find(const std::string& name) const;
  /// Throws Error if it is not set.
  std::string text(const std::string& name) const;
  /// Throws Error if it is not set or no whole number from `least` to `most`.
  std::int64_t number(const std::string& name, std::int64_t least, std::int64_t most) const;
  /// The number of a process among `size` others. Throws Error unless it is below their number.
  std::int64_t rank(const std::string& name, const std::string& size_name, std::int64_t size) const;

  /// Throws "<name> is '<value>' <problem>; <who sets it>".
  [[noreturn]] void refuse(const std::string& name, const std::string& problem) const;

 private:
  const Environment* environment_;
  std::string setter_;
  std::string sign_;
};

}  // namespace sift
