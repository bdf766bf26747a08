#include "data/jsonl.h"

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

JsonlFile::JsonlFile(std::filesystem::path path) : path_(std::move(path)) {
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
  if (!is_file) throw Error(fmt::format("{}: not a file; [data] takes .jsonl files", path_.string()));
  if (map == MAP_FAILED) {
    throw Error(fmt::format("{}: cannot map the file: {}", path_.string(), std::strerror(errno)));
  }
  data_ = static_cast<const char*>(map);
  find_lines();
  if (lines_.empty()) {
    if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
    throw Error(
        fmt::format("{}: the file holds no rows; expected one JSON object on each line", path_.string()));
  }
}

JsonlFile::~JsonlFile() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

void JsonlFile::find_lines() {
  std::string_view rest(data_, size_);
  for (std::int64_t number = 1; !rest.empty(); ++number) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) lines_.push_back({line, number});
  }
}

}  // namespace sift
