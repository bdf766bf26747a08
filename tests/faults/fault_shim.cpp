// Loaded with LD_PRELOAD: what the program writes below SIFT_FAULT_DIR fails as SIFT_FAULT says.
//
//   SIFT_FAULT       enospc | eio | erofs: the operation fails with that error
//                    short: every write takes only half of what it is given
//                    slow: every fsync takes a second
//                    full: the disk says that it has 1 MB free, and writes go on
//                    kill: the process kills itself
//                    none: operations are only counted
//   SIFT_FAULT_AT    each:N: in the second save the first operation, in the third the one N later, and so on
//                    saves:A-B: every operation of the saves A to B, from 1
//                    final:K: operation K of the writing of the final folder, from 0
//                    K: the Kth operation of all saves together, from 1
//   SIFT_FAULT_RANK    of several processes, the one that is meant; empty: each
//   SIFT_FAULT_REPORT  a file for the largest number of operations that a save had
//
// A save begins with the mkdir of the hidden folder that it writes into, or, in a process that does not make
// it, with its first file there. Operations are mkdir, open for writing, write, copy, fsync and rename.

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>

namespace {

struct Plan {
  std::string folder, fault, at;
  const char* report = nullptr;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

const Plan& plan() {
  static const Plan once = [] {
    const std::string rank = environment("SIFT_FAULT_RANK");
    const bool is_meant = rank.empty() || rank == environment("RANK");
    return Plan{environment("SIFT_FAULT_DIR"), is_meant ? environment("SIFT_FAULT") : "none",
                environment("SIFT_FAULT_AT"), std::getenv("SIFT_FAULT_REPORT")};
  }();
  return once;
}

struct Counts {
  std::mutex mutex;
  long saves = 0;     // begun so far
  long in_save = -1;  // operations of the running save before this one
  long all = 0;
  long most_in_save = 0;
  bool is_final = false;
  std::string folder;  // of the save

  ~Counts() {
    if (plan().report == nullptr) return;
    std::FILE* out = std::fopen(plan().report, "w");
    if (out == nullptr) return;
    std::fprintf(out, "%ld\n", most_in_save);
    std::fclose(out);
  }
};

Counts& counts() {
  static Counts once;
  return once;
}

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

bool is_below(const std::string& path) {
  const std::string& folder = plan().folder;
  return !folder.empty() && path.compare(0, folder.size(), folder) == 0;
}

std::string path_of(int descriptor) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = ::readlink(link.c_str(), path, sizeof(path));
  return size < 0 ? "" : std::string(path, static_cast<std::size_t>(size));
}

bool is_struck(const Counts& now) {
  const std::string& at = plan().at;
  if (at.compare(0, 5, "each:") == 0)
    return !now.is_final && now.saves >= 2 && now.in_save == (now.saves - 2) * std::atol(at.c_str() + 5);
  if (at.compare(0, 6, "final:") == 0) return now.is_final && now.in_save == std::atol(at.c_str() + 6);
  if (at.compare(0, 6, "saves:") == 0) {
    const long first = std::atol(at.c_str() + 6);
    const long last = std::atol(at.c_str() + at.find('-') + 1);
    return !now.is_final && now.saves >= first && now.saves <= last;
  }
  return !at.empty() && now.all == std::atol(at.c_str());
}

/// Counts an operation; the error that it has to fail with, or 0.
int error_now(const std::string& path) {
  if (!is_below(path)) return 0;
  Counts& now = counts();
  const std::lock_guard<std::mutex> guard(now.mutex);
  if (now.in_save < -1 || now.saves == 0) return 0;
  ++now.in_save;
  ++now.all;
  now.most_in_save = std::max(now.most_in_save, now.in_save + 1);
  if (!is_struck(now)) return 0;
  const std::string& fault = plan().fault;
  if (fault == "kill") ::kill(::getpid(), SIGKILL);
  return fault == "enospc" ? ENOSPC : fault == "eio" ? EIO : fault == "erofs" ? EROFS : 0;
}

void begin_save(const std::string& path) {
  if (!is_below(path) || path.size() < 4 || path.compare(path.size() - 4, 4, ".tmp") != 0) return;
  Counts& now = counts();
  const std::lock_guard<std::mutex> guard(now.mutex);
  ++now.saves;
  now.in_save = -1;
  now.is_final = path.find("/.final.tmp") != std::string::npos;
  now.folder = path;
}

// A process that does not make the folder of a save begins it with its first file there.
void begin_save_with(const std::string& file) {
  const std::size_t end = file.find(".tmp/");
  if (end == std::string::npos || counts().folder == file.substr(0, end + 4)) return;
  begin_save(file.substr(0, end + 4));
}

bool fails(const std::string& path) {
  const int error = error_now(path);
  if (error != 0) errno = error;
  return error != 0;
}

std::size_t allowed(std::size_t size, int descriptor) {
  return plan().fault == "short" && size > 1 && is_below(path_of(descriptor)) ? size / 2 : size;
}

int open_with(const char* name, const char* path, int flags, mode_t mode) {
  const bool writes = (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0;
  if (writes) begin_save_with(path);
  if (writes && fails(path)) return -1;
  return real<int (*)(const char*, int, ...)>(name)(path, flags, mode);
}

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(arguments, int)) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_with("open", path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_with("open64", path, flags, mode);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  if (fails(path_of(descriptor))) return -1;
  return real<ssize_t (*)(int, const void*, size_t)>("write")(descriptor, bytes, allowed(size, descriptor));
}

ssize_t sendfile(int to, int from, off_t* offset, size_t size) {
  if (fails(path_of(to))) return -1;
  return real<ssize_t (*)(int, int, off_t*, size_t)>("sendfile")(to, from, offset, allowed(size, to));
}

ssize_t copy_file_range(int from, off64_t* from_offset, int to, off64_t* to_offset, size_t size,
                        unsigned flags) {
  if (fails(path_of(to))) return -1;
  return real<ssize_t (*)(int, off64_t*, int, off64_t*, size_t, unsigned)>("copy_file_range")(
      from, from_offset, to, to_offset, allowed(size, to), flags);
}

int fsync(int descriptor) {
  const std::string path = path_of(descriptor);
  if (fails(path)) return -1;
  constexpr unsigned kMicroseconds = 1'000'000;
  if (plan().fault == "slow" && is_below(path)) ::usleep(kMicroseconds);
  return real<int (*)(int)>("fsync")(descriptor);
}

int rename(const char* from, const char* to) noexcept {
  const bool is_removal = std::string(to).find("/.removed-") != std::string::npos;
  if (!is_removal && fails(to)) return -1;
  return real<int (*)(const char*, const char*)>("rename")(from, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) noexcept {
  if (fails(to)) return -1;
  return real<int (*)(int, const char*, int, const char*, unsigned)>("renameat2")(from_folder, from,
                                                                                  to_folder, to, flags);
}

int statvfs(const char* path, struct statvfs* disk) noexcept {
  const int status = real<int (*)(const char*, struct statvfs*)>("statvfs")(path, disk);
  constexpr unsigned long kMegabyte = 1'000'000;
  if (status == 0 && plan().fault == "full" && is_below(path)) disk->f_bavail = kMegabyte / disk->f_frsize;
  return status;
}

int mkdir(const char* path, mode_t mode) noexcept {
  begin_save(path);
  if (fails(path)) return -1;
  return real<int (*)(const char*, mode_t)>("mkdir")(path, mode);
}
}
