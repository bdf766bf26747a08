#include "parallel/session.h"

#include <fmt/format.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <thread>

#include "parallel/error_file.h"

namespace sift {
namespace {

constexpr std::chrono::seconds kPatience{2};  ///< with the others, before the store of this process ends

}  // namespace

ParallelSession::ParallelSession(const ProcessInfo& process, std::chrono::seconds timeout)
    : process_(process), met_(meet(process, timeout)) {
  status_ = std::make_unique<RunStatus>(met_.store);
  own_status_ = std::make_unique<RunStatus>(met_.second_connection);
  heartbeat_ = std::make_unique<Heartbeat>(
      *own_status_, process.rank, met_.places, Heartbeat::Options(),
      Heartbeat::Actions{[this](const std::string& error) { end(error); }, [this] { end_without_store(); }});
}

ParallelSession::ParallelSession(const ProcessInfo& process) : process_(process), is_on_paper_(true) {}

std::unique_ptr<ParallelSession> ParallelSession::on_paper(std::int64_t rank, std::int64_t size) {
  ProcessInfo process;
  process.rank = rank;
  process.size = size;
  std::unique_ptr<ParallelSession> session(new ParallelSession(process));
  session->connect();
  return session;
}

ParallelSession::~ParallelSession() = default;

void ParallelSession::connect() {
  std::vector<std::int64_t> all(static_cast<std::size_t>(process_.size));
  std::iota(all.begin(), all.end(), 0);
  group_ = connect("group", all);
}

std::unique_ptr<ProcessGroup> ParallelSession::connect(const std::string& name,
                                                       const std::vector<std::int64_t>& ranks) {
  const auto rank = std::ranges::find(ranks, process_.rank) - ranks.begin();
  const auto size = static_cast<std::int64_t>(ranks.size());
  auto group = is_on_paper_
                   ? ProcessGroup::on_paper(rank, size)
                   : std::make_unique<ProcessGroup>(c10::make_intrusive<c10d::PrefixStore>(name, met_.store),
                                                    rank, size, met_.address);
  group->count_in(traffic_);
  return group;
}

bool ParallelSession::shows_log() const {
  return process_.rank == 0 || std::getenv("SIFT_LOG_ALL_RANKS") != nullptr;
}

void ParallelSession::set_step(std::int64_t step) {
  step_ = step;
  if (heartbeat_) heartbeat_->set_step(step);
}

std::string ParallelSession::place(std::int64_t rank) const {
  return fmt::format("rank {} of {} on {}", rank, process_.size, met_.places[static_cast<std::size_t>(rank)]);
}

/// The same text on all processes of a host, so that `sift launch` shows it once.
std::string ParallelSession::store_lost() const {
  const std::string& own = met_.places[static_cast<std::size_t>(process_.rank)];
  return fmt::format(
      "{}{}: it and the store of the run cannot be reached any more from {}; {} there was killed (out of memory?) or "
      "stopped, or the network failed",
      place(0), when(), own.substr(0, own.find(" (process")),
      process_.uses_agent_store ? process_.started_by : "the process");
}

std::string ParallelSession::when() const {
  return step_ > 0 ? fmt::format(", at step {}", step_.load()) : "";
}

void ParallelSession::fail(const std::string& error, int status) {
  const std::string text = fmt::format("{}{}: {}", place(process_.rank), when(), error);
  bool is_first = true;
  try {
    is_first = status_->claim_failure({text, status});
  } catch (const c10::Error&) {  // the store is lost
  }
  // before it waits for the others: the thread of the heartbeat may end this process meanwhile
  if (is_first) show(text);
  leave(*status_, kPatience);
}

RunFailure ParallelSession::failure_in(RunStatus& status) const {
  constexpr std::chrono::milliseconds kPoll{50};
  constexpr int kTries = 20;  // the process that shows it may be about to write it
  try {
    for (int tries = 0; tries < kTries && !status.failure(); ++tries) std::this_thread::sleep_for(kPoll);
    return status.failure().value_or(RunFailure{"the run failed"});
  } catch (const c10::Error&) {
    return {store_lost()};
  }
}

RunFailure ParallelSession::failure() {
  return failure_in(*status_);
}

void ParallelSession::lose(const PeerLost& error) {
  constexpr std::chrono::milliseconds kPoll{50};
  constexpr std::chrono::seconds kLongest{12};
  heartbeat_->hurry();
  const auto end = std::chrono::steady_clock::now() + kLongest;
  try {
    while (!status_->failure() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(kPoll);
  } catch (const c10::Error&) {
    return show(store_lost());
  }
  fail(error.what());
}

/// The store ends with the process that keeps it, which therefore waits for the others.
void ParallelSession::leave(RunStatus& status, std::chrono::seconds patience) {
  constexpr std::chrono::milliseconds kPoll{50};
  const auto end = std::chrono::steady_clock::now() + patience;
  try {
    status.set_done(process_.rank);
    if (!process_.keeps_store()) return;
    for (std::int64_t rank = 0; rank < process_.size; ++rank)
      while (!status.is_done(rank) && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(kPoll);
  } catch (const c10::Error&) {  // the store is lost
  }
}

void ParallelSession::show(const std::string& error) {
  if (has_shown_.exchange(true) || error.empty()) return;
  fmt::print(stderr, "sift: {}\n", error);
  std::fflush(stderr);
}

/// Whether the thread of the run is about to show an error and end the process. If it does not come so far,
/// the heartbeat ends the process after some of its graces.
bool ParallelSession::is_showing() {
  constexpr int kMostWaits = 10;
  return has_shown_ && waits_++ < kMostWaits;
}

/// On the thread of the heartbeat, while the other one may wait for a process that will never answer, also
/// with its connection to the store.
void ParallelSession::end(const std::string& error) {
  if (is_showing()) return;
  show(error);
  const RunFailure known = failure_in(*own_status_);
  write_error_file(known.error);
  leave(*own_status_, kPatience);
  std::_Exit(known.status);
}

void ParallelSession::end_without_store() {
  if (is_showing()) return;
  show(store_lost());
  write_error_file(store_lost());
  std::_Exit(EXIT_FAILURE);
}

void ParallelSession::finish() {
  group_->barrier();
  heartbeat_.reset();
  leave(*status_, std::chrono::seconds(60));
}

}  // namespace sift
