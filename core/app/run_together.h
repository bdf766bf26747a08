#pragma once

#include <exception>
#include <functional>

#include "parallel/session.h"

namespace sift {

/// The run has failed, and another process of it shows why.
class ShownElsewhere : public std::exception {
 public:
  explicit ShownElsewhere(RunFailure of_run) : failure(std::move(of_run)) {}
  RunFailure failure;
};

/// Runs a command that several processes may run together, as the environment says; `command` gets nullptr if
/// this process is alone. Once one process fails, all do, and only the first shows its error: this throws it
/// as Error, with the process that it comes from, or ShownElsewhere.
int run_together(const std::function<int(ParallelSession*)>& command);

}  // namespace sift
