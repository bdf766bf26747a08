#include "parallel/heartbeat.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace sift {
namespace {

using std::chrono::steady_clock;

std::string lost(std::int64_t rank, std::size_t size, const std::string& place, const std::string& step,
                 std::chrono::milliseconds time) {
  return fmt::format(
      "rank {} of {} on {} ended without an error, or has not answered for {:.0f} s, at step {}: it was killed (out of "
      "memory?), hangs, or its host cannot be reached",
      rank, size, place, std::chrono::duration<double>(time).count(), step);
}

}  // namespace

std::string step_of_beat(const std::string& beat) {
  return beat.substr(std::min(beat.size(), beat.find(' ') + 1));
}

Heartbeat::Heartbeat(RunStatus& status, std::int64_t rank, std::vector<std::string> places, Options options,
                     End end)
    : status_(status),
      rank_(rank),
      places_(std::move(places)),
      options_(std::move(options)),
      end_(std::move(end)) {
  status_.set_beat(rank_, "0 0");
  thread_ = std::thread([this] { run(); });
}

Heartbeat::~Heartbeat() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

/// The others learn of the first step at once: until then a process may have been lost in its preparations.
void Heartbeat::set_step(std::int64_t step) {
  if (step_.exchange(step) != 0) return;
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  wake_.notify_all();
}

/// Whether to go on.
bool Heartbeat::sleep(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, time, [this] { return is_over_ || is_woken_; });
  is_woken_ = false;
  return !is_over_;
}

void Heartbeat::run() {
  std::string error;
  try {
    while (sleep(options_.interval)) {
      status_.set_beat(rank_, fmt::format("{} {}", ++beats_, step_.load()));
      if (status_.failure()) break;
      watch_next();
    }
  } catch (const std::exception&) {
    error = options_.lost_store;
  }
  // an error of its own that this process is about to show comes first
  if (sleep(options_.grace)) end_(error);
}

void Heartbeat::watch_next() {
  const auto size = static_cast<std::int64_t>(places_.size());
  std::int64_t next = (rank_ + 1) % size;
  while (next != rank_ && status_.is_done(next)) next = (next + 1) % size;
  if (next == rank_) return;
  const std::string beat = status_.beat(next);
  const auto now = steady_clock::now();
  if (next != watched_ || beat != seen_) {
    watched_ = next;
    seen_ = beat;
    seen_at_ = now;
    return;
  }
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(now - seen_at_);
  if (time < (is_hurried_ ? options_.hurried_limit : options_.limit)) return;
  const std::string error =
      lost(next, places_.size(), places_[static_cast<std::size_t>(next)], step_of_beat(beat), time);
  if (status_.claim_failure({error})) end_(error);
}

}  // namespace sift
