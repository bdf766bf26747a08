#pragma once

#include <filesystem>
#include <memory>

#include "base/file_lock.h"

namespace sift {

/// Locks `output_dir` for this run while the returned lock lives; the lock is released when the process ends,
/// even if it is killed. Throws Error that names the process if another run holds the lock. Returns nullptr
/// with a warning if the file system has no locks.
std::unique_ptr<FileLock> lock_output_dir(const std::filesystem::path& output_dir);

}  // namespace sift
