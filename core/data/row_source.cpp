#include "data/row_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/data_file.h"
#include "data/parquet_module.h"

namespace sift {
namespace {

class JsonRows final : public RowSource {
 public:
  explicit JsonRows(const std::filesystem::path& file) : file_(file), rest_(file_.rows()) {}

  std::span<const JsonLine> next() override {
    constexpr std::size_t kBlockRows = 8192;
    const auto block = rest_.first(std::min(kBlockRows, rest_.size()));
    rest_ = rest_.subspan(block.size());
    return block;
  }

  std::string place(const JsonLine& row) const override {
    return fmt::format("{}:{}", file_.path().string(), row.number);
  }

 private:
  DataFile file_;
  std::span<const JsonLine> rest_;
};

}  // namespace

RowSource::~RowSource() = default;

std::unique_ptr<RowSource> open_rows(const std::filesystem::path& file,
                                     const std::vector<std::string>& columns) {
  if (file.extension() == ".parquet") return open_parquet(file, columns);
  return std::make_unique<JsonRows>(file);
}

}  // namespace sift
