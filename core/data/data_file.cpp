#include "data/data_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "api/error.h"

namespace sift {

FileMap::FileMap(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    throw Error(fmt::format("{}: cannot open the data file: {}; see [data] in the configuration",
                            path.string(), std::strerror(errno)));
  }
  struct stat status {};
  const bool is_file = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  size_ = is_file ? static_cast<std::size_t>(status.st_size) : 0;
  void* map = size_ > 0 ? ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0) : nullptr;
  ::close(descriptor);
  if (!is_file)
    throw Error(fmt::format("{}: not a file; [data] takes .jsonl, .json and .parquet files", path.string()));
  if (map == MAP_FAILED) {
    throw Error(fmt::format("{}: cannot map the file: {}", path.string(), std::strerror(errno)));
  }
  data_ = static_cast<const char*>(map);
}

FileMap::~FileMap() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

// tools write lines into files called .json, too
DataFile::DataFile(std::filesystem::path path)
    : path_(std::move(path)), map_(path_), rows_(map_.text(), path_.extension() == ".json") {
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

/// What was read is out of the way; it comes back from the file if somebody looks again.
void DataFile::give_back_pages(std::size_t end) {
  constexpr std::size_t kStep = std::size_t{1} << 20;  // a multiple of a page
  end = end / kStep * kStep;
  if (end <= given_back_) return;
  ::madvise(const_cast<char*>(map_.text().data()) + given_back_, end - given_back_, MADV_DONTNEED);
  given_back_ = end;
}

}  // namespace sift
