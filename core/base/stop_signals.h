#pragma once

#include <array>
#include <csignal>
#include <string>

namespace sift {

/// The signals after which a run saves a checkpoint and ends: of ended terminals, of job schedulers before
/// the end of a job's time, and of limits of the processor's time.
inline constexpr std::array kStopSignals = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU};

/// The exit status of a process that a signal ended is this plus the signal's number, as in shells.
inline constexpr int kSignalStatus = 128;

/// "SIGTERM", or "signal 40" for one without a name.
std::string signal_name(int signal);

}  // namespace sift
