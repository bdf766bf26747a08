#include "data/data_format.h"

#include <algorithm>
#include <string>

namespace sift {
namespace {

std::string lower_case_extension(const std::filesystem::path& file) {
  std::string extension = file.extension().string();
  for (char& letter : extension) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return extension;
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
