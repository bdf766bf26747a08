#include "data/data_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <sift/error.h>
#include "data/data_format.h"

namespace sift {

namespace {

MappedFile mapped(const std::filesystem::path& path) {
  if (::access(path.c_str(), R_OK) != 0) {
    throw Error(fmt::format("{}: cannot open the data file: {}; see [data] in the configuration",
                            path.string(), std::strerror(errno)));
  }
  if (!std::filesystem::is_regular_file(path))
    throw Error(fmt::format("{}: not a file; [data] takes {} files", path.string(), kDataExtensions));
  return MappedFile(path);
}

}  // namespace

DataFile::DataFile(std::filesystem::path path)
    : path_(std::move(path)),
      map_(mapped(path_)),
      rows_(map_.text(), data_format(path_) == DataFormat::kJson) {
  first_ = next_row();
  if (!first_) {
    throw Error(fmt::format(
        "{}: the file holds no rows; expected one JSON object on each line, or an array of them in a .json "
        "file",
        path_.string()));
  }
}

std::vector<JsonLine> DataFile::next(std::size_t most) {
  give_back_pages(rows_.position());
  std::vector<JsonLine> rows;
  if (first_ && most > 0) rows.push_back(*std::exchange(first_, std::nullopt));
  while (rows.size() < most) {
    const auto row = next_row();
    if (!row) break;
    rows.push_back(*row);
  }
  return rows;
}

std::optional<JsonLine> DataFile::next_row() {
  try {
    return rows_.next();
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", path_.string(), error.what()));
  }
}

/// Releases pages that were read; they are loaded from the file again if accessed.
void DataFile::give_back_pages(std::size_t end) {
  constexpr std::size_t kStep = std::size_t{1} << 20;  // a multiple of a page
  end = end / kStep * kStep;
  map_.give_back_pages(given_back_, end);
  given_back_ = end;
}

}  // namespace sift
