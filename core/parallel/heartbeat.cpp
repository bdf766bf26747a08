#include "parallel/heartbeat.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace sift {
namespace {

std::string lost(std::int64_t rank, std::size_t size, const std::string& place, const std::string& step,
                 std::chrono::milliseconds time) {
  const std::string when = step.empty() || step == "0" ? "" : fmt::format(", at step {}", step);
  return fmt::format(
      "rank {} of {} on {}{}: it has not answered for {:.0f} s; it was killed (out of memory?) or stopped, or its host "
      "cannot be reached",
      rank, size, place, when, std::chrono::duration<double>(time).count());
}

}  // namespace

std::string step_of_beat(const std::string& beat) {
  return beat.substr(std::min(beat.size(), beat.find(' ') + 1));
}

Heartbeat::Heartbeat(RunStatus& status, std::int64_t rank, std::vector<std::string> places, Options options,
                     Actions actions)
    : status_(status),
      rank_(rank),
      places_(std::move(places)),
      options_(options),
      actions_(std::move(actions)) {
  status_.set_beat(rank_, "0 0");
  thread_ = std::thread([this] { run(); });
  store_watcher_ = std::thread([this] { watch_store(); });
}

Heartbeat::~Heartbeat() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  wake_.notify_all();
  thread_.join();
  store_watcher_.join();
}

/// Whether to go on.
bool Heartbeat::sleep(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, time, [this] { return is_over_; });
}

void Heartbeat::show_beat() {
  shown_step_ = step_;
  status_.set_beat(rank_, fmt::format("{} {}", ++beats_, shown_step_));
}

/// Sleeps an interval. Meanwhile others learn of a new step soon, so that the error of a process that is
/// killed names it. Whether to go on.
bool Heartbeat::sleep_and_show_steps() {
  constexpr int kParts = 10;
  for (int part = 0; part < kParts; ++part) {
    if (!sleep(options_.interval / kParts)) return false;
    if (step_ != shown_step_) show_beat();
  }
  return true;
}

void Heartbeat::run() {
  bool has_store = true;
  try {
    while (sleep_and_show_steps()) {
      show_beat();
      if (status_.failure()) break;
      watch_next();
      ++answers_;
    }
  } catch (const std::exception&) {
    has_store = false;
  }
  // an error of its own that this process is about to show comes first
  while (sleep(options_.grace)) {
    if (has_store) {
      actions_.end("");
    } else {
      actions_.end_without_store();
    }
  }
}

/// A connection to a host that is cut off does not break: a question to the store just gets no answer.
void Heartbeat::watch_store() {
  std::int64_t answers = 0, silent = 0;
  while (sleep(options_.interval)) {
    silent = answers == answers_ ? silent + 1 : 0;
    answers = answers_;
    if (time_of(silent) < options_.limit) continue;
    actions_.end_without_store();
  }
}

void Heartbeat::watch_next() {
  const auto size = static_cast<std::int64_t>(places_.size());
  std::int64_t next = (rank_ + 1) % size;
  while (next != rank_ && status_.is_done(next)) next = (next + 1) % size;
  if (next == rank_) return;
  const std::string beat = status_.beat(next);
  if (next != watched_ || beat != seen_) {
    watched_ = next;
    seen_ = beat;
    unchanged_ = 0;
    return;
  }
  // intervals, not the clock: a run that was stopped as a whole goes on
  const std::chrono::milliseconds time = time_of(++unchanged_);
  if (time < (is_hurried_ ? options_.hurried_limit : options_.limit)) return;
  const std::string error =
      lost(next, places_.size(), places_[static_cast<std::size_t>(next)], step_of_beat(beat), time);
  if (status_.claim_failure({error})) actions_.end(error);
}

}  // namespace sift
