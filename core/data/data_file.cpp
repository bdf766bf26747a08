#include "data/data_file.h"

#include <fmt/format.h>

#include <utility>

#include <sift/error.h>

namespace sift {

DataFile::DataFile(std::filesystem::path path, std::size_t rows_at_a_time)
    : path_(std::move(path)), rows_at_a_time_(rows_at_a_time) {
  auto bytes = open_bytes(path_);
  try {
    rows_.emplace(std::move(bytes));
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", path_.string(), error.what()));
  }
  read_block();
  if (block_.empty()) {
    throw Error(
        fmt::format("{}: the file holds no rows; expected one JSON object on each line, or an array of them",
                    path_.string()));
  }
}

std::span<const JsonLine> DataFile::next() {
  if (!std::exchange(is_first_, false)) read_block();
  return block_;
}

void DataFile::read_block() {
  try {
    block_ = rows_->next(rows_at_a_time_);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", path_.string(), error.what()));
  }
}

}  // namespace sift
