#include "data/row_source.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

#include <sift/error.h>
#include "data/data_file.h"
#include "data/data_format.h"
#include "data/parquet_module.h"
#include "formats/file_kind.h"

namespace sift {
namespace {

void check_file(const std::filesystem::path& file) {
  if (::access(file.c_str(), R_OK) != 0) {
    throw Error(fmt::format("{}: cannot open the data file: {}; see [data] in the configuration",
                            file.string(), std::strerror(errno)));
  }
  if (!std::filesystem::is_regular_file(file))
    throw Error(fmt::format("{}: not a file; [data] takes {} files", file.string(), kDataExtensions));
}

void check_parquet(const std::filesystem::path& file) {
  std::array<char, 512> bytes{};
  std::ifstream in(file, std::ios::binary);
  in.read(bytes.data(), bytes.size());
  const std::string_view head(bytes.data(), static_cast<std::size_t>(in.gcount()));
  if (looks_like_parquet(head)) return;
  if (head.empty()) throw Error(fmt::format("{}: the file is empty", file.string()));
  throw Error(
      fmt::format("{}: not a Parquet file: {}", file.string(),
                  mistaken_content(head).value_or("give it the extension of the format that it has")));
}

}  // namespace

RowSource::~RowSource() = default;

std::string place_of_row(const std::filesystem::path& file, std::int64_t number) {
  return fmt::format("{}:{}{}", file.string(), data_format(file) == DataFormat::kJson ? "" : " row ", number);
}

std::unique_ptr<RowSource> open_rows(const std::filesystem::path& file,
                                     const std::vector<std::string>& columns) {
  check_file(file);
  switch (data_format(file)) {
    case DataFormat::kParquet:
      check_parquet(file);
      return open_parquet(file, columns);
    case DataFormat::kCsv:
      return open_csv(file, ',', columns);
    case DataFormat::kTsv:
      return open_csv(file, '\t', columns);
    case DataFormat::kJson:
      return std::make_unique<DataFile>(file);
  }
  return nullptr;
}

}  // namespace sift
