#include "data/row_source.h"

#include <fmt/format.h>

#include "data/data_file.h"
#include "data/data_format.h"
#include "data/parquet_module.h"

namespace sift {
namespace {

class DataFileRows final : public RowSource {
 public:
  explicit DataFileRows(const std::filesystem::path& file) : file_(file) {}

  std::span<const JsonLine> next() override {
    constexpr std::size_t kRowsAtATime = 8192;
    block_ = file_.next(kRowsAtATime);
    return block_;
  }

 private:
  DataFile file_;
  std::vector<JsonLine> block_;
};

}  // namespace

RowSource::~RowSource() = default;

std::string place_of_row(const std::filesystem::path& file, std::int64_t number) {
  return fmt::format("{}:{}{}", file.string(), data_format(file) == DataFormat::kParquet ? " row " : "",
                     number);
}

std::unique_ptr<RowSource> open_rows(const std::filesystem::path& file,
                                     const std::vector<std::string>& columns) {
  if (data_format(file) == DataFormat::kParquet) return open_parquet(file, columns);
  return std::make_unique<DataFileRows>(file);
}

}  // namespace sift
