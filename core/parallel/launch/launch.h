#pragma once

#include "parallel/launch/launch_options.h"

namespace sift {

/// `sift launch`: starts the processes of this machine and stays until all of them have ended. Node 0 serves
/// the store at which the processes of all machines meet. Signals go to every process. When one fails, the
/// others get SIGTERM, and after the grace SIGKILL.
///
/// Returns the exit status of the first process that failed (128 + signal if it was killed), else that of the
/// first that was stopped by a signal, else 0. Each process prints its own error; the launcher prints one for
/// a process that died without any. Throws Error if the run cannot be started.
int launch(const LaunchOptions& options);

}  // namespace sift
