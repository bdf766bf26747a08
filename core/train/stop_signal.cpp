#include "train/stop_signal.h"

#include <unistd.h>

#include <atomic>

namespace sift {
namespace {

constexpr int kSignalStatus = 128;

// The handler may run between any two instructions of any thread, so it touches nothing else.
std::atomic<int> noted_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void note_signal(int number) {
  if (noted_signal.exchange(number) != 0) ::_exit(kSignalStatus + number);
}

}  // namespace

StopSignals::StopSignals() {
  noted_signal = 0;
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;  // a write in progress is not interrupted
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGTERM, &action, &before_term_);
  ::sigaction(SIGINT, &action, &before_int_);
}

StopSignals::~StopSignals() {
  ::sigaction(SIGTERM, &before_term_, nullptr);
  ::sigaction(SIGINT, &before_int_, nullptr);
  noted_signal = 0;
}

int StopSignals::received() {
  return noted_signal.load();
}

}  // namespace sift
