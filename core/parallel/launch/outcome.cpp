#include "parallel/launch/outcome.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>

#include "base/stop_signals.h"

namespace sift {

ProcessEnd ProcessEnd::of(int wait_status) {
  if (WIFSIGNALED(wait_status)) return {0, WTERMSIG(wait_status)};
  return {WEXITSTATUS(wait_status), 0};
}

int ProcessEnd::status() const {
  return signal != 0 ? kSignalStatus + signal : exit_status;
}

std::string ProcessEnd::to_string() const {
  if (signal == 0) return fmt::format("ended with status {}", exit_status);
  return "was killed by " + signal_name(signal);
}

void Outcome::add(std::int64_t rank, const ProcessEnd& end, bool left_error) {
  if (end.status() == 0) return;
  if (!is_failure(end, left_error)) {
    if (stopped_status_ == 0) stopped_status_ = end.status();
    return;
  }
  any_left_error_ |= left_error;
  if (first_failure_) return;
  first_failure_ = {rank, end};
  first_left_error_ = left_error;
}

bool Outcome::is_failure(const ProcessEnd& end, bool left_error) const {
  if (end.signal != 0) return !passed_on_.contains(end.signal);
  const bool is_stop = std::ranges::find(kStopSignals, end.exit_status - kSignalStatus) != kStopSignals.end();
  return left_error || !is_stop;
}

bool Outcome::is_unexplained(bool all_have_ended) const {
  if (!first_failure_ || first_left_error_) return false;
  return first_failure_->end.signal != 0 || (all_have_ended && !any_left_error_);
}

int Outcome::status() const {
  return first_failure_ ? first_failure_->end.status() : stopped_status_;
}

}  // namespace sift
