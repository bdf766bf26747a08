#pragma once

#include <filesystem>
#include <memory>

#include "config/sections.h"
#include "parallel/parallel.h"
#include "parallel/session.h"

namespace sift {

/// How the processes of a run share it. `session`: nullptr for a process alone; it outlives the result.
/// Throws Error that names `config_file` if the options do not fit the number of processes, or differ between
/// these.
std::unique_ptr<Parallel> parallel_of(const ParallelOptions& options,
                                      const std::filesystem::path& config_file, ParallelSession* session);

/// The same without asking the other processes whether they have these options.
std::unique_ptr<Parallel> parallel_of_each(const ParallelOptions& options,
                                           const std::filesystem::path& config_file,
                                           ParallelSession& session);

}  // namespace sift
