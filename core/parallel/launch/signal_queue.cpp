#include "parallel/launch/signal_queue.h"

#include <fmt/format.h>
#include <sys/signalfd.h>

#include <cerrno>
#include <cstring>

#include <sift/error.h>
#include "base/stop_signals.h"

namespace sift {

SignalQueue::SignalQueue() {
  std::signal(SIGCHLD, SIG_DFL);  // ignored, the ends of children would be lost
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;  // a reader of the log that ends must not end the run
  ::sigaction(SIGPIPE, &ignore, &pipe_before_);
  sigset_t mine;
  sigemptyset(&mine);
  sigaddset(&mine, SIGCHLD);
  for (const int signal : kStopSignals) {
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    if (action.sa_handler != SIG_IGN) sigaddset(&mine, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &mine, &mask_before_);
  queue_ = Descriptor(::signalfd(-1, &mine, SFD_CLOEXEC | SFD_NONBLOCK));
  if (queue_.get() < 0) {
    restore();
    throw Error(fmt::format("the signals of the processes cannot be watched: {}", std::strerror(errno)));
  }
}

SignalQueue::~SignalQueue() {
  static_cast<void>(read());  // none of them is delivered late
  restore();
}

std::vector<int> SignalQueue::read() {
  std::vector<int> signals;
  signalfd_siginfo info{};
  while (::read(queue_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info))
    signals.push_back(static_cast<int>(info.ssi_signo));
  return signals;
}

void SignalQueue::restore() const {
  ::sigaction(SIGPIPE, &pipe_before_, nullptr);
  ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

}  // namespace sift
