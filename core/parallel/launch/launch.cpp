#include "parallel/launch/launch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <optional>
#include <vector>

#include <sift/error.h>
#include "base/write_all.h"
#include "parallel/error_file.h"
#include "parallel/host_name.h"
#include "parallel/launch/child_environment.h"
#include "parallel/launch/child_stream.h"
#include "parallel/launch/error_folder.h"
#include "parallel/launch/launcher_store.h"
#include "parallel/launch/outcome.h"
#include "parallel/launch/signal_queue.h"
#include "parallel/launch/start_process.h"

namespace sift {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::uint16_t kPortOfNodes = 29500;  ///< torchrun's: every node must know it
constexpr std::chrono::milliseconds kPollNodes{50};
constexpr std::chrono::seconds kPatienceAfterFailure{2};

/// A pipe: the end that is read, and the end that is written.
std::pair<Descriptor, Descriptor> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw Error(fmt::format("a pipe for the log of a process cannot be made: {}", std::strerror(errno)));
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

struct Child {
  std::int64_t rank = 0;
  pid_t process = 0;
  bool has_ended = false;
};

class Launcher {
 public:
  explicit Launcher(const LaunchOptions& options) : options_(options) {}
  ~Launcher() { signal_all(SIGKILL); }
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  int run();

 private:
  void open_store();
  void start_children();
  void start_child(std::int64_t local_rank, const VariableMap& environment);
  bool all_have_ended() const { return std::ranges::all_of(children_, &Child::has_ended); }
  void watch();
  void wait_for_something();
  void take_signals();
  void reap();
  void note_shown_error(std::int64_t rank);
  void signal_all(int signal) const;
  void end_others();
  void explain(bool all_have_ended);
  void wait_for_nodes();

  const LaunchOptions& options_;
  SignalQueue signals_;  // before any thread is started
  ErrorFolder errors_;
  std::optional<LauncherStore> store_;
  std::uint16_t port_ = 0;
  std::vector<Child> children_;
  ShownErrors shown_;
  std::deque<ChildStream> streams_;
  Outcome outcome_;
  bool is_explained_ = false;
  std::optional<Clock::time_point> failed_at_, kill_at_;
};

int Launcher::run() {
  open_store();
  start_children();
  watch();
  explain(/*all_have_ended=*/true);
  if (outcome_.first_failure()) errors_.pass_on(outcome_.first_failure()->rank);
  if (options_.nnodes > 1) wait_for_nodes();
  return outcome_.status();
}

void Launcher::open_store() {
  const bool is_alone = options_.nnodes == 1;
  port_ = static_cast<std::uint16_t>(options_.master_port);
  if (port_ == 0 && !is_alone) port_ = kPortOfNodes;
  if (options_.node_rank == 0) {
    store_.emplace(port_, options_.master_addr.empty());
  } else {
    store_.emplace(options_.master_addr, port_);
  }
  port_ = store_->port();
}

void Launcher::start_children() {
  const VariableMap inherited = own_environment();
  const std::int64_t num_cores = num_usable_cores();
  for (std::int64_t local_rank = 0; local_rank < options_.nproc_per_node; ++local_rank) {
    const std::string error_file = errors_.file_of(options_.first_rank() + local_rank).string();
    start_child(local_rank, child_environment(inherited, options_, local_rank, port_, num_cores, error_file));
  }
}

void Launcher::start_child(std::int64_t local_rank, const VariableMap& environment) {
  const std::int64_t rank = options_.first_rank() + local_rank;
  const bool is_first = local_rank == 0, all = options_.log_all_ranks;
  const std::string prefix = all ? fmt::format("[rank {}] ", rank) : "";
  ChildStreams streams;
  std::vector<Descriptor> written_by_child;
  const auto through_pipe = [&](int to) {
    auto [read, written] = make_pipe();
    streams_.emplace_back(std::move(read), to, prefix, shown_);
    written_by_child.push_back(std::move(written));
    return written_by_child.back().get();
  };
  if (is_first) streams.out = STDOUT_FILENO;
  if (all) streams.out = through_pipe(STDOUT_FILENO);
  // the first child keeps the terminal, for its colours and its line of progress
  const bool keeps_terminal = is_first && !all && ::isatty(STDERR_FILENO) == 1;
  if (keeps_terminal) shown_.wait_for_first = true;
  streams.err = keeps_terminal ? STDERR_FILENO : through_pipe(STDERR_FILENO);
  children_.push_back({rank, start_process(options_.command, environment, streams, signals_), false});
}

void Launcher::watch() {
  while (!all_have_ended()) {
    wait_for_something();
    take_signals();
    for (ChildStream& stream : streams_) stream.pass_on();
    if (kill_at_ && Clock::now() >= *kill_at_) {
      signal_all(SIGKILL);
      kill_at_.reset();
    }
  }
  for (ChildStream& stream : streams_) stream.finish();
}

void Launcher::wait_for_something() {
  std::vector<pollfd> sources{{signals_.descriptor(), POLLIN, 0}};
  for (const ChildStream& stream : streams_) {
    if (stream.is_open()) sources.push_back({stream.descriptor(), POLLIN, 0});
  }
  int timeout_ms = -1;
  if (kill_at_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*kill_at_ - Clock::now());
    timeout_ms = static_cast<int>(std::max<std::int64_t>(0, left.count()));
  }
  ::poll(sources.data(), sources.size(), timeout_ms);
}

void Launcher::take_signals() {
  for (const int signal : signals_.read()) {
    if (signal == SIGCHLD) {
      reap();
    } else {
      outcome_.signal_passed_on(signal);
      signal_all(signal);
    }
  }
}

void Launcher::reap() {
  std::vector<std::pair<std::int64_t, ProcessEnd>> ends;
  for (Child& child : children_) {
    int wait_status = 0;
    if (child.has_ended || ::waitpid(child.process, &wait_status, WNOHANG) != child.process) continue;
    child.has_ended = true;
    ends.emplace_back(child.rank, ProcessEnd::of(wait_status));
    if (shown_.wait_for_first && child.rank == options_.first_rank()) note_shown_error(child.rank);
  }
  // of those that are found together, the others have noticed the end of one that was killed
  std::stable_partition(ends.begin(), ends.end(), [](const auto& end) { return end.second.signal != 0; });
  const bool had_failed = outcome_.first_failure().has_value();
  for (const auto& [rank, end] : ends) outcome_.add(rank, end, errors_.has_error_of(rank));
  if (!had_failed && outcome_.first_failure()) end_others();
}

/// The error that the first child printed to the terminal itself.
void Launcher::note_shown_error(std::int64_t rank) {
  const std::string message = errors_.message_of(rank);
  shown_.add("sift: " + message.substr(0, message.find('\n')));
  shown_.wait_for_first = false;
}

/// Its group, so that what a child has started ends with it; the launcher alone starts no groups.
void Launcher::signal_all(int signal) const {
  for (const Child& child : children_) {
    if (!child.has_ended) ::kill(signal == SIGKILL ? -child.process : child.process, signal);
  }
}

void Launcher::end_others() {
  explain(/*all_have_ended=*/false);
  signal_all(SIGTERM);
  signal_all(SIGCONT);  // a stopped process takes no other signal
  failed_at_ = Clock::now();
  kill_at_ = *failed_at_ + std::chrono::seconds(options_.grace_seconds);
}

/// Prints one line for a failure that no process has explained.
void Launcher::explain(bool all_have_ended) {
  if (is_explained_ || !outcome_.is_unexplained(all_have_ended)) return;
  is_explained_ = true;
  for (ChildStream& stream : streams_) stream.pass_on();  // what was written before comes before
  const Outcome::Failure& failure = *outcome_.first_failure();
  const auto child = std::ranges::find(children_, failure.rank, &Child::rank);
  const std::string what = fmt::format("rank {} of {} on {} (process {})", failure.rank,
                                       options_.world_size(), host_name(), child->process);
  const bool may_lack_memory = failure.end.signal == SIGKILL;
  const std::string cause =
      fmt::format("it {} without a message{}", failure.end.to_string(),
                  may_lack_memory ? "; the system does so if memory runs out, see dmesg" : "");
  const auto error = store_->claim_failure(failure.rank, what, cause);
  if (!error) return;
  write_all(STDERR_FILENO, fmt::format("sift: {}\n", *error));
  write_error_file(*error);
}

/// The store must outlive the processes of all nodes; after the grace, a node is taken for one that is lost.
/// Once the run has failed, processes that can be reached know it within a second.
void Launcher::wait_for_nodes() {
  if (options_.node_rank != 0) {
    store_->report_end();
    return;
  }
  auto limit = Clock::now() + std::chrono::seconds(options_.grace_seconds);
  if (failed_at_) limit = std::min(limit, *failed_at_ + kPatienceAfterFailure);
  while (Clock::now() < limit && store_->num_ended_nodes() < options_.nnodes - 1) {
    pollfd source{signals_.descriptor(), POLLIN, 0};
    if (::poll(&source, 1, static_cast<int>(kPollNodes.count())) != 1) continue;
    const auto signals = signals_.read();
    if (std::ranges::any_of(signals, [](int signal) { return signal != SIGCHLD; })) return;
  }
}

}  // namespace

int launch(const LaunchOptions& options) {
  ::unsetenv("TORCHELASTIC_RESTART_COUNT");  // of a torchrun around this launcher, whose store is another one
  return Launcher(options).run();
}

}  // namespace sift
