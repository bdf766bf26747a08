#pragma once

#include <filesystem>

namespace sift {

/// The format of a data file, which its extension determines.
enum class DataFormat {
  kJsonLines,  ///< a JSON object on each line: .jsonl, and any extension not listed here
  kJson,       ///< .json: an array of objects, or lines, since some tools write lines into .json files
  kParquet,    ///< .parquet
};

inline constexpr const char* kDataExtensions = ".jsonl, .json and .parquet";

DataFormat data_format(const std::filesystem::path& file);

}  // namespace sift
