#pragma once

#include <exception>
#include <functional>
#include <string>

#include "base/log_level.h"
#include "parallel/session.h"

namespace sift {

/// The run has failed, and this or another process of it has shown why.
class AlreadyShown : public std::exception {
 public:
  explicit AlreadyShown(RunFailure of_run) : failure(std::move(of_run)) {}
  RunFailure failure;
};

/// The lines that this process shows with this log_level of [train]: `session` as in run_together().
LogLevel shown_level(const std::string& log_level, const ParallelSession* session);

/// Runs a command that several processes may run together, as the environment says; `command` gets nullptr if
/// this process is alone. Once one process fails, all do, and only the first shows its error: this throws
/// AlreadyShown.
int run_together(const std::function<int(ParallelSession*)>& command);

}  // namespace sift
