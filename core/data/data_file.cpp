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

DataFile::DataFile(std::filesystem::path path) : path_(std::move(path)) {
  const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    throw Error(fmt::format("{}: cannot open the data file: {}; see [data] in the configuration",
                            path_.string(), std::strerror(errno)));
  }
  struct stat status {};
  const bool is_file = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  size_ = is_file ? static_cast<std::size_t>(status.st_size) : 0;
  void* map = size_ > 0 ? ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0) : nullptr;
  ::close(descriptor);
  if (!is_file)
    throw Error(fmt::format("{}: not a file; [data] takes .jsonl, .json and .parquet files", path_.string()));
  if (map == MAP_FAILED) {
    throw Error(fmt::format("{}: cannot map the file: {}", path_.string(), std::strerror(errno)));
  }
  data_ = static_cast<const char*>(map);
  try {
    rows_ = find_rows();
  } catch (...) {
    unmap();
    throw;
  }
}

DataFile::~DataFile() {
  unmap();
}

void DataFile::unmap() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

std::vector<JsonLine> DataFile::find_rows() const {
  const std::string_view text(data_, size_);
  std::optional<std::vector<JsonLine>> rows;
  if (path_.extension() == ".json") {
    try {
      rows = json_array_rows(text);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", path_.string(), error.what()));
    }
  }
  // tools write lines into files called .json, too
  if (!rows) rows = json_lines(text);
  if (rows->empty()) {
    throw Error(fmt::format(
        "{}: the file holds no rows; expected one JSON object on each line, or an array of them in a .json "
        "file",
        path_.string()));
  }
  return std::move(*rows);
}

}  // namespace sift
