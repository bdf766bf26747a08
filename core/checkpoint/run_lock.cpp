#include "checkpoint/run_lock.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include <sift/error.h>
#include <sift/log.h>

namespace sift {
namespace fs = std::filesystem;
namespace {

/// The file is kept after the run: removing it would let two later runs lock two files of the same name.
constexpr const char* kLockFile = ".sift-lock";

std::string owner_of(const fs::path& file) {
  std::ifstream in(file);
  std::string pid;
  in >> pid;
  const bool is_number = !pid.empty() && pid.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? fmt::format(" (process {})", pid) : "";
}

}  // namespace

std::unique_ptr<FileLock> lock_output_dir(const fs::path& output_dir) {
  const fs::path file = output_dir / kLockFile;
  {
    const std::ofstream touched(file, std::ios::app);
    if (!touched) throw Error(fmt::format("output_dir {} cannot be written", output_dir.string()));
  }
  std::unique_ptr<FileLock> lock = FileLock::try_lock(file, FileLock::Kind::kExclusive);
  if (lock == nullptr && errno != EWOULDBLOCK) {
    log_warning(fmt::format("output_dir {} cannot be locked ({}): make sure that no other run uses it",
                            output_dir.string(), std::strerror(errno)));
    return nullptr;
  }
  if (lock == nullptr) {
    throw Error(fmt::format(
        "output_dir {} is in use by another run{}; wait until it ends, stop it, or choose another folder",
        output_dir.string(), owner_of(file)));
  }
  std::ofstream(file, std::ios::trunc) << ::getpid() << "\n";
  return lock;
}

}  // namespace sift
