#pragma once

#include <memory>

#include "config/sections.h"
#include "parallel/parallel.h"
#include "parallel/session.h"

namespace sift {

/// The way in which the processes of `session` share the work; nullptr: a single process. `session` outlives
/// it.
std::unique_ptr<Parallel> parallel_of(const ParallelOptions& options, ParallelSession* session);

}  // namespace sift
