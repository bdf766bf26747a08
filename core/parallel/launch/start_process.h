#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "parallel/launch/child_environment.h"
#include "parallel/launch/signal_queue.h"

namespace sift {

/// Where a child writes to, as descriptors of this process.
struct ChildStreams {
  int out = -1;  ///< -1: nowhere
  int err = -1;
};

/// Starts this very program with `arguments`, in a process group of its own: a terminal sends Ctrl-C to the
/// launcher alone, which passes it on. It reads nothing from the standard input, and the system kills it if
/// the launcher ends in any way. Throws Error if the system starts no more processes.
pid_t start_process(const std::vector<std::string>& arguments, const VariableMap& environment,
                    const ChildStreams& streams, const SignalQueue& signals);

}  // namespace sift
