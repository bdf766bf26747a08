#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sift {

/// Where a value of a configuration was written.
struct Place {
  std::uint32_t line = 1;  ///< in the file, from 1
  std::uint32_t column = 1;
  std::size_t set_index = 0;  ///< from 1: by that --set of the command line; 0: in the file
  std::string set_key;        ///< the key of that --set
  bool is_default = false;    ///< not in the file: a default of Sift
};

/// Gathers the faults of a configuration, so that a user sees all of them at once.
class Diagnostics {
 public:
  explicit Diagnostics(std::string file) : file_(std::move(file)) {}

  /// `section` as written in the file, "[train]" or "[[callbacks]]", or empty.
  void add(const Place& place, const std::string& section, const std::string& message);
  /// Throws one Error with every fault on a line of its own: those of the file from top to bottom, then those
  /// of the command line.
  void throw_if_any() const;

 private:
  struct Fault {
    Place place;
    std::string text;
  };
  std::string file_;
  std::vector<Fault> faults_;
};

/// A name out of a file in quotes, on one line whatever it holds.
std::string quoted(const std::string& name);

}  // namespace sift
