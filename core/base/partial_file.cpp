#include "base/partial_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <sift/error.h>

namespace sift {

PartialFile::PartialFile(const std::filesystem::path& file)
    : final_(file), partial_(file.string() + ".partial") {
  descriptor_ = ::open(partial_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail("cannot be created");
}

PartialFile::~PartialFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(partial_.c_str());
}

void PartialFile::write(const void* data, std::size_t size) {
  const char* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::write(descriptor_, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot be written");
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
}

void PartialFile::seek(std::uint64_t position) {
  if (::lseek(descriptor_, static_cast<off_t>(position), SEEK_SET) < 0) fail("cannot be written");
}

void PartialFile::commit() {
  if (::fsync(descriptor_) != 0) fail("cannot be synced to the disk");
  // some file systems report a full disk only on close
  const int closed = ::close(descriptor_);
  descriptor_ = -1;
  if (closed != 0 || ::rename(partial_.c_str(), final_.c_str()) != 0) {
    const int failure = errno;
    ::unlink(partial_.c_str());
    errno = failure;
    fail("cannot be finished");
  }
}

void PartialFile::fail(const char* what) const {
  throw Error(fmt::format("{}: {}: {}", final_.string(), what, std::strerror(errno)));
}

}  // namespace sift
