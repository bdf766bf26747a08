#pragma once

#include <filesystem>
#include <memory>

#include "base/file_lock.h"

namespace sift {

/// Makes `output_dir` this run's alone for as long as the lock lives; it ends with the process in any case,
/// also when that is killed. Throws Error that names the process when another run has the folder. nullptr,
/// with a warning, where the file system has no locks.
std::unique_ptr<FileLock> lock_output_dir(const std::filesystem::path& output_dir);

}  // namespace sift
