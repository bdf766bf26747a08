// CSV for the module behind data/parquet_module.h.
#include <arrow/array.h>
#include <arrow/csv/api.h>
#include <arrow/io/interfaces.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include <sift/error.h>
#include "data/parquet_module.h"
#include "formats/file_kind.h"

namespace sift {
namespace {

namespace fs = std::filesystem;

constexpr std::int32_t kBlockBytes = 16 << 20;

/// The bytes of a file as Arrow reads them. An Error becomes a status and is kept.
class ArrowInput final : public arrow::io::InputStream {
 public:
  explicit ArrowInput(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  arrow::Result<std::int64_t> Read(std::int64_t count, void* target) override {
    try {
      const std::size_t done = source_->read({static_cast<char*>(target), static_cast<std::size_t>(count)});
      at_ += static_cast<std::int64_t>(done);
      return static_cast<std::int64_t>(done);
    } catch (const Error& error) {
      fault_ = error.what();
      return arrow::Status::IOError(error.what());
    }
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t count) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(count));
    ARROW_ASSIGN_OR_RAISE(const std::int64_t done, Read(count, buffer->mutable_data()));
    ARROW_RETURN_NOT_OK(buffer->Resize(done));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  arrow::Result<std::int64_t> Tell() const override { return at_; }
  bool closed() const override { return closed_; }

  const std::optional<std::string>& fault() const { return fault_; }

 private:
  std::unique_ptr<ByteSource> source_;
  std::int64_t at_ = 0;
  bool closed_ = false;
  std::optional<std::string> fault_;
};

class CsvRows final : public RowSource {
 public:
  CsvRows(fs::path file, char delimiter, const std::vector<std::string>& columns, OpenBytes* open)
      : file_(std::move(file)), delimiter_(delimiter), open_(open) {
    check_content();
    start(chosen(columns));
    read_block();
    if (rows_.empty()) fail("the file holds no rows below its header");
  }

  std::span<const JsonLine> next() override {
    if (!std::exchange(is_first_, false)) read_block();
    return rows_;
  }
  std::vector<std::string> columns() const override { return columns_; }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw Error(fmt::format("{}: {}", file_.string(), problem));
  }

  void check_content() const {
    std::string head(512, '\0');
    head.resize(open_(file_)->read(head));
    if (const auto mistake = mistaken_content(head)) fail(*mistake);
    if (head.empty()) fail("the file holds no rows; expected a header with the names of the columns");
  }

  /// The wanted columns that the header names. The reader tells them only with a first block.
  std::vector<std::string> chosen(const std::vector<std::string>& columns) {
    start({});
    columns_ = batches_->schema()->field_names();
    std::vector<std::string> found;
    std::ranges::copy_if(columns_, std::back_inserter(found), [&](const std::string& name) {
      return std::ranges::find(columns, name) != columns.end();
    });
    if (found.empty()) {
      fail(fmt::format("has none of the columns {}; its first line has: {}", fmt::join(columns, ", "),
                       fmt::join(columns_, ", ")));
    }
    for (const std::string& name : found) {
      if (std::ranges::count(found, name) > 1) fail(fmt::format("has two columns '{}'", name));
    }
    return found;
  }

  /// Starts to read from the beginning: all columns if none are named.
  void start(const std::vector<std::string>& columns) {
    auto read = arrow::csv::ReadOptions::Defaults();
    read.use_threads = false;
    read.block_size = kBlockBytes;
    auto parse = arrow::csv::ParseOptions::Defaults();
    parse.delimiter = delimiter_;
    parse.newlines_in_values = true;
    parse.invalid_row_handler = [this](const arrow::csv::InvalidRow& row) {
      fault_ = fmt::format(
          "row {} has {} values, but the header names {} columns; quote values that contain a '{}'{}",
          row.number - 1, row.actual_columns, row.expected_columns,
          delimiter_ == '\t' ? "tab" : std::string(1, delimiter_), " or a line break");
      return arrow::csv::InvalidRowResult::Error;
    };
    auto convert = arrow::csv::ConvertOptions::Defaults();
    convert.include_columns = columns;
    convert.null_values = {""};
    convert.strings_can_be_null = true;
    convert.check_utf8 = false;  // JSON checks it, with the row
    for (const std::string& name : columns) convert.column_types[name] = arrow::binary();
    input_ = std::make_shared<ArrowInput>(open_(file_));
    check([&] {
      return arrow::csv::StreamingReader::Make(arrow::io::default_io_context(), input_, read, parse, convert)
          .Value(&batches_);
    });
  }

  template <class Action>
  void check(Action&& action) const {
    const arrow::Status status = action();
    if (status.ok()) return;
    if (input_->fault()) fail(*input_->fault());
    if (fault_) fail(*fault_);
    std::string message = status.message();
    std::ranges::replace(message, '\n', ' ');
    if (message.find("straddling") != std::string::npos) {
      fail(fmt::format("a row near row {} is larger than {} MiB; a quote may not be closed there",
                       num_read_ + 1, kBlockBytes >> 20));
    }
    fail("cannot be read as CSV: " + message);
  }

  void read_block() {
    std::shared_ptr<arrow::RecordBatch> batch;
    do {
      check([&] { return batches_->ReadNext(&batch); });
    } while (batch != nullptr && batch->num_rows() == 0);
    texts_.clear();
    rows_.clear();
    for (std::int64_t row = 0; batch != nullptr && row < batch->num_rows(); ++row)
      texts_.push_back(json_of(*batch, row));
    for (const std::string& text : texts_) rows_.push_back({text, ++num_read_});
  }

  std::string json_of(const arrow::RecordBatch& batch, std::int64_t row) const {
    auto json = nlohmann::ordered_json::object();
    for (int i = 0; i < batch.num_columns(); ++i) {
      const auto& values = static_cast<const arrow::BinaryArray&>(*batch.column(i));
      if (!values.IsNull(row)) json[batch.column_name(i)] = values.GetView(row);
    }
    try {
      return json.dump();
    } catch (const nlohmann::json::exception&) {
      throw Error(fmt::format("{}: holds text that is not UTF-8; write the file as UTF-8",
                              place_of_row(file_, num_read_ + row + 1)));
    }
  }

  fs::path file_;
  char delimiter_;
  OpenBytes* open_;
  std::vector<std::string> columns_;  // of the file, also those that are not read
  std::optional<std::string> fault_;  // of a row with too few or too many values
  std::shared_ptr<ArrowInput> input_;
  std::shared_ptr<arrow::csv::StreamingReader> batches_;
  std::int64_t num_read_ = 0;
  bool is_first_ = true;  // the first block was read, and next() has not returned it
  std::vector<std::string> texts_;
  std::vector<JsonLine> rows_;
};

}  // namespace
}  // namespace sift

extern "C" __attribute__((visibility("default"))) sift::RowSource* sift_open_csv(
    const std::filesystem::path& file, char delimiter, const std::vector<std::string>& columns,
    sift::OpenBytes* open) {
  return std::make_unique<sift::CsvRows>(file, delimiter, columns, open).release();
}
