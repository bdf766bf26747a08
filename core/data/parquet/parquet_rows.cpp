// Parquet for the module behind data/parquet_module.h.
#include <arrow/array.h>
#include <arrow/extension_type.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/exception.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include <sift/error.h>
#include "data/row_source.h"
#include "formats/exact_json.h"

namespace sift {
namespace {

namespace fs = std::filesystem;

/// Writes the values of a batch as JSON. A struct has every field of its schema in every row: those without a
/// value are left out.
class JsonWriter {
 public:
  void append(const arrow::Array& array, std::int64_t index) {
    if (is_null(array, index)) {
      text_ += "null";
      return;
    }
    switch (array.type_id()) {
      case arrow::Type::BOOL:
        text_ += as<arrow::BooleanArray>(array).Value(index) ? "true" : "false";
        return;
      case arrow::Type::STRING:
        return append_text(as<arrow::StringArray>(array).GetView(index));
      case arrow::Type::LARGE_STRING:
        return append_text(as<arrow::LargeStringArray>(array).GetView(index));
      case arrow::Type::STRING_VIEW:
        return append_text(as<arrow::StringViewArray>(array).GetView(index));
      case arrow::Type::LIST:
        return append_list(as<arrow::ListArray>(array), index);
      case arrow::Type::LARGE_LIST:
        return append_list(as<arrow::LargeListArray>(array), index);
      case arrow::Type::FIXED_SIZE_LIST:
        return append_list(as<arrow::FixedSizeListArray>(array), index);
      case arrow::Type::MAP:
        return append_map(as<arrow::MapArray>(array), index);
      case arrow::Type::STRUCT:
        return append_struct(as<arrow::StructArray>(array), index);
      case arrow::Type::DICTIONARY: {
        const auto& encoded = as<arrow::DictionaryArray>(array);
        return append(*encoded.dictionary(), encoded.GetValueIndex(index));
      }
      case arrow::Type::EXTENSION:
        return append_extension(as<arrow::ExtensionArray>(array), index);
      default:
        append_number(array, index);
    }
  }

  void append_row(const arrow::RecordBatch& batch, std::int64_t row) {
    char separator = '{';
    for (int column = 0; column < batch.num_columns(); ++column) {
      text_ += separator;
      separator = ',';
      append_text(batch.column_name(column));
      text_ += ':';
      try {
        append(*batch.column(column), row);
      } catch (const nlohmann::json::exception&) {
        throw Error(fmt::format("column '{}' holds text that is not UTF-8", batch.column_name(column)));
      } catch (const Error& error) {
        throw Error(fmt::format("column '{}': {}", batch.column_name(column), error.what()));
      }
    }
    text_ += '}';
  }

  std::string take() { return std::move(text_); }

 private:
  template <class Array>
  static const Array& as(const arrow::Array& array) {
    return static_cast<const Array&>(array);
  }

  static bool is_null(const arrow::Array& array, std::int64_t index) {
    if (array.IsNull(index)) return true;
    if (array.type_id() == arrow::Type::EXTENSION)
      return is_null(*as<arrow::ExtensionArray>(array).storage(), index);
    if (array.type_id() != arrow::Type::DICTIONARY) return false;
    const auto& encoded = as<arrow::DictionaryArray>(array);
    return is_null(*encoded.dictionary(), encoded.GetValueIndex(index));
  }

  /// A value of the type arrow.json is JSON text: what `datasets` makes of values whose types differ from row
  /// to row.
  void append_extension(const arrow::ExtensionArray& array, std::int64_t index) {
    const std::size_t begin = text_.size();
    append(*array.storage(), index);
    if (array.extension_type()->extension_name() != "arrow.json") return;
    const auto text = nlohmann::json::parse(text_.substr(begin)).get<std::string>();
    parse_exact_json(text);  // it must not end the value around it
    text_.replace(begin, std::string::npos, text);
  }

  void append_text(std::string_view text) { text_ += nlohmann::json(text).dump(); }

  template <class List>
  void append_list(const List& list, std::int64_t index) {
    const std::int64_t begin = list.value_offset(index), end = begin + list.value_length(index);
    text_ += '[';
    for (std::int64_t i = begin; i < end; ++i) {
      if (i > begin) text_ += ',';
      append(*list.values(), i);
    }
    text_ += ']';
  }

  void append_map(const arrow::MapArray& map, std::int64_t index) {
    const std::int64_t begin = map.value_offset(index), end = begin + map.value_length(index);
    text_ += '{';
    for (std::int64_t i = begin; i < end; ++i) {
      if (i > begin) text_ += ',';
      if (map.keys()->type_id() != arrow::Type::STRING) throw Error("a map has keys that are not strings");
      append(*map.keys(), i);
      text_ += ':';
      append(*map.items(), i);
    }
    text_ += '}';
  }

  void append_struct(const arrow::StructArray& value, std::int64_t index) {
    char separator = '{';
    for (int i = 0; i < value.num_fields(); ++i) {
      if (is_null(*value.field(i), index)) continue;
      text_ += separator;
      separator = ',';
      append_text(value.struct_type()->field(i)->name());
      text_ += ':';
      append(*value.field(i), index);
    }
    text_ += separator == '{' ? "{}" : "}";
  }

  void append_number(const arrow::Array& array, std::int64_t index) {
    switch (array.type_id()) {
      case arrow::Type::INT8:
        return append_integer(as<arrow::Int8Array>(array).Value(index));
      case arrow::Type::INT16:
        return append_integer(as<arrow::Int16Array>(array).Value(index));
      case arrow::Type::INT32:
        return append_integer(as<arrow::Int32Array>(array).Value(index));
      case arrow::Type::INT64:
        return append_integer(as<arrow::Int64Array>(array).Value(index));
      case arrow::Type::UINT8:
        return append_integer(as<arrow::UInt8Array>(array).Value(index));
      case arrow::Type::UINT16:
        return append_integer(as<arrow::UInt16Array>(array).Value(index));
      case arrow::Type::UINT32:
        return append_integer(as<arrow::UInt32Array>(array).Value(index));
      case arrow::Type::UINT64:
        return append_integer(as<arrow::UInt64Array>(array).Value(index));
      case arrow::Type::FLOAT:
        return append_real(as<arrow::FloatArray>(array).Value(index));
      case arrow::Type::DOUBLE:
        return append_real(as<arrow::DoubleArray>(array).Value(index));
      default:
        throw Error(
            fmt::format("the type {} is not supported; expected text, numbers, booleans, lists or structs",
                        array.type()->ToString()));
    }
  }

  template <class Integer>
  void append_integer(Integer value) {
    fmt::format_to(std::back_inserter(text_), "{:d}", value);
  }
  void append_real(double value) { text_ += nlohmann::json(value).dump(); }

  std::string text_;
};

class ParquetRows final : public RowSource {
 public:
  ParquetRows(fs::path file, const std::vector<std::string>& columns) : file_(std::move(file)) {
    open();
    select(columns);
  }

  std::span<const JsonLine> next() override {
    std::shared_ptr<arrow::RecordBatch> batch;
    do {
      batch = nullptr;
      check([&] { return batches_->ReadNext(&batch); });
    } while (batch != nullptr && batch->num_rows() == 0);
    texts_.clear();
    rows_.clear();
    for (std::int64_t row = 0; batch != nullptr && row < batch->num_rows(); ++row) {
      JsonWriter writer;
      try {
        writer.append_row(*batch, row);
      } catch (const Error& error) {
        throw Error(fmt::format("{}: {}", place_of_row(file_, num_read_ + row + 1), error.what()));
      }
      texts_.push_back(writer.take());
    }
    for (const std::string& text : texts_) rows_.push_back({text, ++num_read_});
    return rows_;
  }

  std::vector<std::string> columns() const override {
    std::vector<std::string> names;
    for (const auto& field : reader_->manifest().schema_fields) names.push_back(field.field->name());
    return names;
  }

 private:
  /// Arrow returns its errors, Parquet throws them.
  template <class Action>
  void check(Action&& action) const {
    std::string fault;
    try {
      const arrow::Status status = action();
      if (status.ok()) return;
      fault = status.message();
    } catch (const parquet::ParquetException& error) {
      fault = error.what();
    }
    std::ranges::replace(fault, '\n', ' ');
    throw Error(fmt::format("{}: cannot be read as Parquet, it may be truncated or damaged: {}",
                            file_.string(), fault));
  }

  void open() {
    std::shared_ptr<arrow::io::MemoryMappedFile> map;
    if (!fs::is_regular_file(file_)) {
      throw Error(fmt::format("{}: cannot open the data file: no such file; see [data] in the configuration",
                              file_.string()));
    }
    check([&] {
      return arrow::io::MemoryMappedFile::Open(file_.string(), arrow::io::FileMode::READ).Value(&map);
    });
    parquet::arrow::FileReaderBuilder builder;
    check([&] { return builder.Open(map); });
    parquet::ArrowReaderProperties properties(/*use_threads=*/false);
    properties.set_batch_size(kBlockRows);
    properties.set_arrow_extensions_enabled(true);  // text of Parquet's type JSON is arrow.json
    properties.set_pre_buffer(false);               // it would load the whole file
    check([&] { return builder.properties(properties)->Build().Value(&reader_); });
  }

  static void add_leaves(const parquet::arrow::SchemaField& field, std::vector<int>& leaves) {
    if (field.is_leaf()) leaves.push_back(field.column_index);
    for (const auto& child : field.children) add_leaves(child, leaves);
  }

  void select(const std::vector<std::string>& columns) {
    std::vector<int> leaves;
    const std::vector<std::string> found = this->columns();
    for (const auto& field : reader_->manifest().schema_fields) {
      const std::string& name = field.field->name();
      if (std::ranges::find(columns, name) != columns.end()) add_leaves(field, leaves);
    }
    if (leaves.empty()) {
      throw Error(fmt::format("{}: has none of the columns {}; found: {}", file_.string(),
                              fmt::join(columns, ", "),
                              found.empty() ? "nothing" : fmt::format("{}", fmt::join(found, ", "))));
    }
    if (reader_->parquet_reader()->metadata()->num_rows() == 0)
      throw Error(fmt::format("{}: the file holds no rows", file_.string()));
    std::vector<int> row_groups(static_cast<std::size_t>(reader_->num_row_groups()));
    std::iota(row_groups.begin(), row_groups.end(), 0);
    check([&] { return reader_->GetRecordBatchReader(row_groups, leaves).Value(&batches_); });
  }

  static constexpr std::int64_t kBlockRows = 4096;

  fs::path file_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;  // before the reader it belongs to
  std::int64_t num_read_ = 0;
  std::vector<std::string> texts_;
  std::vector<JsonLine> rows_;
};

}  // namespace
}  // namespace sift

extern "C" __attribute__((visibility("default"))) sift::RowSource* sift_open_parquet(
    const std::filesystem::path& file, const std::vector<std::string>& columns) {
  return std::make_unique<sift::ParquetRows>(file, columns).release();
}
