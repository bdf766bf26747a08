#pragma once

#include <filesystem>
#include <string>

namespace sift {

/// Collects all differences between a file of a checkpoint and the run into one warning.
class SavedDifferences {
 public:
  void compare(const std::string& option, double saved, double now);
  void report(const std::filesystem::path& file) const;

 private:
  std::string text_;
};

}  // namespace sift
