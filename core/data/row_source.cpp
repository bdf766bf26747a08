#include "data/row_source.h"

#include <fmt/format.h>

#include "data/data_file.h"
#include "data/parquet_module.h"

namespace sift {
namespace {

class DataFileRows final : public RowSource {
 public:
  explicit DataFileRows(const std::filesystem::path& file) : file_(file) {}

  std::span<const JsonLine> next() override {
    constexpr std::size_t kBlockRows = 8192;
    block_ = file_.next(kBlockRows);
    return block_;
  }

  std::string place(const JsonLine& row) const override {
    return fmt::format("{}:{}", file_.path().string(), row.number);
  }

 private:
  DataFile file_;
  std::vector<JsonLine> block_;
};

}  // namespace

RowSource::~RowSource() = default;

std::unique_ptr<RowSource> open_rows(const std::filesystem::path& file,
                                     const std::vector<std::string>& columns) {
  if (file.extension() == ".parquet") return open_parquet(file, columns);
  return std::make_unique<DataFileRows>(file);
}

}  // namespace sift
