#include "data/data_format.h"

#include <string>

#include "base/ascii.h"

namespace sift {
namespace {

std::string lower_case_extension(const std::filesystem::path& file) {
  return ascii_lower(file.extension().string());
}

}  // namespace

DataFormat data_format(const std::filesystem::path& file) {
  std::string extension = lower_case_extension(file);
  if (extension == ".gz" || extension == ".xz" || extension == ".zst")
    extension = lower_case_extension(file.stem());
  if (extension == ".parquet") return DataFormat::kParquet;
  if (extension == ".csv") return DataFormat::kCsv;
  if (extension == ".tsv") return DataFormat::kTsv;
  return DataFormat::kJson;
}

}  // namespace sift
