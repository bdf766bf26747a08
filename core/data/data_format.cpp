#include "data/data_format.h"

namespace sift {

DataFormat data_format(const std::filesystem::path& file) {
  const std::filesystem::path extension = file.extension();
  if (extension == ".json") return DataFormat::kJson;
  if (extension == ".parquet") return DataFormat::kParquet;
  return DataFormat::kJsonLines;
}

}  // namespace sift
