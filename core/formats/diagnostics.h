#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sift {

/// The place of a value in a configuration.
struct Place {
  std::uint32_t line = 1;  ///< of the file, from 1
  std::uint32_t column = 1;
  std::size_t set_index = 0;  ///< from 1: index of a --set on the command line; 0: in the file
  std::string set_key;        ///< the key of that --set
  bool is_default = false;    ///< a default of Sift, not set in the file
};

/// "on line 7", "by --set train.seed" or "among the defaults".
std::string where(const Place& place);

/// Collects the errors of a configuration, to report them together.
class Diagnostics {
 public:
  explicit Diagnostics(std::string file) : file_(std::move(file)) {}

  /// `section` as written in the file, "[train]" or "[[callbacks]]", or empty.
  void add(const Place& place, const std::string& section, const std::string& message);
  /// Logs a warning in the form of an error.
  void warn(const Place& place, const std::string& section, const std::string& message) const;
  /// Throws one Error with one line per error: those of the file from top to bottom, then those of the
  /// command line.
  void throw_if_any() const;

 private:
  std::string line(const Place& place, const std::string& section, const std::string& message) const;

  struct Fault {
    Place place;
    std::string text;
  };
  std::string file_;
  std::vector<Fault> faults_;
};

/// A name from a file in quotes, always on one line.
std::string quoted(const std::string& name);

}  // namespace sift
