#pragma once

#include <string>
#include <vector>

#include <sift/options.h>
#include "model/lora/path_pattern.h"

namespace sift {

/// A table of [lora] whose keys are regular expressions for the end of a path.
class PatternTable {
 public:
  /// Throws Error for a value that is no number above 0.
  static PatternTable of_numbers(const ScalarTable& table, const std::string& option);
  /// Throws Error for a value that is no integer of at least 1.
  static PatternTable of_integers(const ScalarTable& table, const std::string& option);

  /// The value of the first key, in alphabetical order, that matches; `fallback` if none does.
  double value_for(const std::string& path, double fallback) const;
  /// Throws Error for a key that matches none of `paths`.
  void check_all_matched(const std::vector<std::string>& paths) const;

 private:
  struct Entry {
    PathPattern pattern;
    std::string key;
    double value;
  };
  PatternTable(const ScalarTable& table, const std::string& option, bool integers);

  std::string option_;
  std::vector<Entry> entries_;
};

/// Throws Error: the name of an option of [lora] matches nothing; `known` are those that it could mean.
[[noreturn]] void refuse_unmatched(const std::string& option, const std::string& name,
                                   const std::vector<std::string>& known, const std::string& label);

}  // namespace sift
