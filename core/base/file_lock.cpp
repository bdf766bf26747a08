#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace sift {

std::unique_ptr<FileLock> FileLock::try_lock(const std::filesystem::path& file, Kind kind) {
  // over NFS, an exclusive lock requires a file that is open for writing
  int descriptor = kind == Kind::kShared ? -1 : ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return nullptr;
  if (::flock(descriptor, (kind == Kind::kShared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
    const int failure = errno;
    ::close(descriptor);
    errno = failure;
    return nullptr;
  }
  return std::unique_ptr<FileLock>(new FileLock(descriptor));
}

FileLock::~FileLock() {
  ::close(descriptor_);
}

void FileLock::touch() const {
  // a file of another user keeps its older time, which is harmless
  if (::futimens(descriptor_, nullptr) != 0) return;
}

}  // namespace sift
