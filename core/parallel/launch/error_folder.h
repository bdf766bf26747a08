#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace sift {

/// A folder for the errors of the children of a launcher (TORCHELASTIC_ERROR_FILE), removed at the end.
class ErrorFolder {
 public:
  /// Throws Error if it cannot be made.
  ErrorFolder();
  ~ErrorFolder();
  ErrorFolder(const ErrorFolder&) = delete;
  ErrorFolder& operator=(const ErrorFolder&) = delete;

  std::filesystem::path file_of(std::int64_t rank) const;
  /// Whether that process has said why it failed.
  bool has_error_of(std::int64_t rank) const;
  /// What it said; empty if it said nothing.
  std::string message_of(std::int64_t rank) const;
  /// Its error becomes that of this process; see write_error_file().
  void pass_on(std::int64_t rank) const;

 private:
  std::filesystem::path path_;
};

}  // namespace sift
