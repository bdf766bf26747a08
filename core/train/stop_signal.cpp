#include "train/stop_signal.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <ctime>

namespace sift {
namespace {

constexpr std::int64_t kCopiesMs = 200;  ///< signals that come together are one request

// The handler may run between any two instructions of any thread, so it touches nothing else.
std::atomic<int> noted_signal{0};
std::atomic<std::int64_t> asked_at_ms{0};  ///< when the first SIGTERM or SIGINT came; 0: not yet
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free);

std::int64_t now_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000 + now.tv_nsec / 1'000'000;
}

/// Whether the signal, sent a second time, means "at once". A scheduler may send the others several times.
bool asks_twice(int number) {
  return number == SIGTERM || number == SIGINT;
}

extern "C" void note_signal(int number) {
  const int saved_errno = errno;
  int first_signal = 0;
  if (!noted_signal.compare_exchange_strong(first_signal, number) && asks_twice(number) &&
      !asks_twice(first_signal)) {
    // of several that are pending the system delivers the one with the lowest number first, SIGHUP above all
    noted_signal = number;
  }
  if (asks_twice(number)) {
    const std::int64_t now = now_ms();
    std::int64_t first = 0;
    if (!asked_at_ms.compare_exchange_strong(first, now) && now - first > kCopiesMs)
      ::_exit(kSignalStatus + number);
  }
  errno = saved_errno;
}

}  // namespace

StopSignals::StopSignals() {
  noted_signal = 0;
  asked_at_ms = 0;
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;  // a write in progress is not interrupted
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kStopSignals.size(); ++i) {
    ::sigaction(kStopSignals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) ::sigaction(kStopSignals[i], &action, nullptr);
  }
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < kStopSignals.size(); ++i) ::sigaction(kStopSignals[i], &before_[i], nullptr);
  noted_signal = 0;
}

int StopSignals::received() {
  return noted_signal.load();
}

}  // namespace sift
