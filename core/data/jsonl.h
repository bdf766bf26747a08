#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sift {

/// A line of a data file. The text lives as long as the file it came from.
struct JsonLine {
  std::string_view text;
  std::int64_t number = 0;  ///< from 1
};

/// A .jsonl file mapped into memory, so that a large one costs no memory of the process.
class JsonlFile {
 public:
  /// Throws Error when the file is missing, not readable, or has no line with something in it.
  explicit JsonlFile(std::filesystem::path path);
  ~JsonlFile();
  JsonlFile(const JsonlFile&) = delete;
  JsonlFile& operator=(const JsonlFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// The lines that are not blank.
  const std::vector<JsonLine>& lines() const { return lines_; }

 private:
  void find_lines();

  std::filesystem::path path_;
  const char* data_ = nullptr;
  std::size_t size_ = 0;
  std::vector<JsonLine> lines_;
};

}  // namespace sift
