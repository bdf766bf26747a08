#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "parallel/heartbeat.h"
#include "parallel/process_group.h"
#include "parallel/process_info.h"
#include "parallel/rendezvous.h"
#include "parallel/run_status.h"

namespace sift {

/// This process as one of several of a run, from before the configuration is read to the end of the program,
/// so that the error of one process ends all, and is shown once.
class ParallelSession {
 public:
  /// Waits until all processes are there. Throws Error after `timeout`, naming the missing ones, and PeerLost
  /// if another process or its launcher has shown an error meanwhile.
  ParallelSession(const ProcessInfo& process, std::chrono::seconds timeout);
  /// Process `rank` of a run of which it is the only one: see ProcessGroup::on_paper(). For groups and their
  /// traffic alone; it has nobody to meet and nothing to end.
  static std::unique_ptr<ParallelSession> on_paper(std::int64_t rank, std::int64_t size);
  ~ParallelSession();
  ParallelSession(const ParallelSession&) = delete;
  ParallelSession& operator=(const ParallelSession&) = delete;

  /// Connects the processes with each other. Called once. Throws PeerLost.
  void connect();
  /// Connects some of the processes, this one among them, to a group of their own: `ranks` in the order of
  /// their ranks there. All of them call it, with the same `name`, which no other group has.
  std::unique_ptr<ProcessGroup> connect(const std::string& name, const std::vector<std::int64_t>& ranks);

  const ProcessInfo& process() const { return process_; }
  ProcessGroup& group() { return *group_; }
  /// What this process has sent in all its groups.
  const Traffic& traffic() const { return traffic_; }
  /// The main process writes the log; all do if SIFT_LOG_ALL_RANKS is set, as `sift launch --log-all-ranks`
  /// does.
  bool shows_log() const;
  /// The step that errors name.
  void set_step(std::int64_t step);

  /// Ends the run for all processes with this error of this process, and shows it unless another process has
  /// shown its own.
  void fail(const std::string& error, int status = 1);
  /// Handles a PeerLost: waits until it is known which process ended, and why. Shows that as fail().
  void lose(const PeerLost& error);
  /// The error that ended the run, as far as this process knows it.
  RunFailure failure();
  /// Ends this process well, after all others have come so far.
  void finish();

 private:
  explicit ParallelSession(const ProcessInfo& process);
  std::string place(std::int64_t rank) const;
  std::string when() const;
  std::string store_lost() const;
  void leave(RunStatus& status, std::chrono::seconds patience);
  void show(const std::string& error);
  RunFailure failure_in(RunStatus& status) const;
  bool is_showing();
  void end(const std::string& error);
  void end_without_store();

  ProcessInfo process_;
  Rendezvous met_;
  std::unique_ptr<RunStatus> status_;
  std::unique_ptr<RunStatus> own_status_;  ///< of the thread of the heartbeat
  bool is_on_paper_ = false;
  Traffic traffic_;  ///< before the groups, which count in it
  std::unique_ptr<ProcessGroup> group_;
  std::unique_ptr<Heartbeat> heartbeat_;
  std::atomic<std::int64_t> step_{0};
  std::atomic<bool> has_shown_{false};  ///< an error, on either thread
  std::atomic<int> waits_{0};           ///< of the heartbeat, for the other thread to show its error
};

}  // namespace sift
