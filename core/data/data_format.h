#pragma once

#include <filesystem>

namespace sift {

/// The format of a data file, which its extension determines: in any case, and before .gz, .xz or .zst.
enum class DataFormat {
  kJson,     ///< JSON objects, each on a line or over several, or an array of them: any extension not below
  kParquet,  ///< .parquet
  kCsv,      ///< .csv: values between commas
  kTsv,      ///< .tsv: values between tabs
};

inline constexpr const char* kDataExtensions = ".jsonl, .json, .csv and .parquet";

DataFormat data_format(const std::filesystem::path& file);

}  // namespace sift
