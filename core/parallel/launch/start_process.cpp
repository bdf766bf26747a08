#include "parallel/launch/start_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include <sift/error.h>

namespace sift {
namespace {

constexpr int kCannotStart = 127;  ///< the status that shells give

/// Pointers to the texts, and a null pointer at the end.
std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// The child, between fork and exec: only calls that are safe in a signal handler.
[[noreturn]] void become(char* const* arguments, char* const* environment, const ChildStreams& streams,
                         const SignalQueue& signals, pid_t launcher) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != launcher) ::_exit(kCannotStart);  // it ended before the line above
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(nowhere, STDIN_FILENO);
  ::dup2(streams.out < 0 ? nowhere : streams.out, STDOUT_FILENO);
  ::dup2(streams.err < 0 ? nowhere : streams.err, STDERR_FILENO);
  signals.restore();
  ::execve("/proc/self/exe", arguments, environment);
  constexpr char kFailure[] = "sift: /proc/self/exe, this program, cannot be started again\n";
  static_cast<void>(!::write(STDERR_FILENO, kFailure, sizeof kFailure - 1));
  ::_exit(kCannotStart);
}

}  // namespace

pid_t start_process(const std::vector<std::string>& arguments, const VariableMap& environment,
                    const ChildStreams& streams, const SignalQueue& signals) {
  std::vector<std::string> words{"sift"}, variables;
  words.insert(words.end(), arguments.begin(), arguments.end());
  for (const auto& [name, value] : environment) variables.push_back(fmt::format("{}={}", name, value));
  const std::vector<char*> argv = pointers(words), envp = pointers(variables);
  const pid_t launcher = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) become(argv.data(), envp.data(), streams, signals, launcher);
  if (child < 0)
    throw Error(fmt::format("the system starts no further process: {}; start fewer with --nproc-per-node",
                            std::strerror(errno)));
  ::setpgid(child, child);  // the child does the same; either may come first
  return child;
}

}  // namespace sift
