#include "parallel/session.h"

#include <fmt/format.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>

#include <cstdio>
#include <cstdlib>
#include <thread>

#include "parallel/error_file.h"
#include "parallel/rendezvous.h"

namespace sift {
ParallelSession::ParallelSession(const ProcessInfo& process, std::chrono::seconds timeout)
    : process_(process) {
  const Rendezvous met = meet(process, timeout);
  places_ = met.places;
  status_ = std::make_unique<RunStatus>(met.store);
  own_status_ = std::make_unique<RunStatus>(met.second_connection);
  heartbeat_ = std::make_unique<Heartbeat>(*own_status_, process.rank, met.places,
                                           Heartbeat::Options{.lost_store = store_lost()},
                                           [this](const std::string& error) { end(error); });
  group_ = std::make_unique<ProcessGroup>(c10::make_intrusive<c10d::PrefixStore>("group", met.store),
                                          process.rank, process.size, met.address);
}

bool ParallelSession::shows_log() const {
  return process_.rank == 0 || std::getenv("SIFT_LOG_ALL_RANKS") != nullptr;
}

void ParallelSession::set_step(std::int64_t step) {
  step_ = step;
  heartbeat_->set_step(step);
}

std::string ParallelSession::place(std::int64_t rank) const {
  return fmt::format("rank {} of {} on {}", rank, process_.size, places_[static_cast<std::size_t>(rank)]);
}

std::string ParallelSession::store_lost() const {
  return fmt::format("{} cannot be reached any more, and with it the store of the run: {}",
                     process_.uses_agent_store ? process_.started_by : place(0),
                     "it was killed (out of memory?), or the network failed");
}

/// The text that this process shows, if it is the first to fail.
std::string ParallelSession::claim(const RunFailure& failure) {
  std::string shown;
  try {
    if (status_->claim_failure(failure)) shown = failure.error;
    leave(std::chrono::seconds(2));
  } catch (const c10::Error&) {
    shown = shown.empty() ? store_lost() : shown;
  }
  return has_shown_.exchange(true) ? "" : shown;
}

std::string ParallelSession::fail(const std::string& error, int status) {
  const std::string when = step_ > 0 ? fmt::format(", at step {}", step_) : "";
  return claim({fmt::format("{}{}: {}", place(process_.rank), when, error), status});
}

RunFailure ParallelSession::failure() {
  try {
    // the process that shows it may be about to write it
    for (int tries = 0; tries < 20 && !status_->failure(); ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return status_->failure().value_or(RunFailure{"the run failed"});
  } catch (const c10::Error&) {
    return {store_lost()};
  }
}

std::string ParallelSession::lose(const PeerLost& error) {
  constexpr std::chrono::milliseconds kPoll{50};
  constexpr std::chrono::seconds kPatience{12};
  heartbeat_->hurry();
  const auto end = std::chrono::steady_clock::now() + kPatience;
  try {
    while (!status_->failure() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(kPoll);
  } catch (const c10::Error&) {
    return has_shown_.exchange(true) ? "" : store_lost();
  }
  return fail(error.what());
}

/// The store ends with the process that keeps it, which therefore waits for the others.
void ParallelSession::leave(std::chrono::seconds patience) {
  constexpr std::chrono::milliseconds kPoll{50};
  status_->set_done(process_.rank);
  if (process_.rank != 0 || process_.uses_agent_store) return;
  const auto end = std::chrono::steady_clock::now() + patience;
  for (std::int64_t rank = 0; rank < process_.size; ++rank)
    while (!status_->is_done(rank) && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(kPoll);
}

/// On the thread of the heartbeat, while the other one may wait for a process that will never answer.
void ParallelSession::end(const std::string& error) {
  if (!has_shown_.exchange(true) && !error.empty()) {
    fmt::print(stderr, "sift: {}\n", error);
  }
  try {
    leave(std::chrono::seconds(2));
  } catch (const c10::Error&) {  // the store is lost
  }
  const RunFailure known = failure();
  write_error_file(known.error);
  std::fflush(nullptr);
  std::_Exit(known.status);
}

void ParallelSession::finish() {
  group_->barrier();
  heartbeat_.reset();
  leave(std::chrono::seconds(60));
}

}  // namespace sift
