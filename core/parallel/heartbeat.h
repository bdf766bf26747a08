#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "parallel/run_status.h"

namespace sift {

/// The step that a beat of a process names; empty for a process that has shown none.
std::string step_of_beat(const std::string& beat);

/// A thread that shows that this process lives, watches the next one, and ends this process once the run has
/// failed: its own thread may be waiting for one that will never answer. So may this one be, for a store
/// whose host cannot be reached; a second thread notices that.
class Heartbeat {
 public:
  struct Options {
    std::chrono::milliseconds interval{1000};
    std::chrono::milliseconds limit{7000};          ///< a process without a beat, or a store, is lost then
    std::chrono::milliseconds hurried_limit{3000};  ///< the same once a connection has broken
    std::chrono::milliseconds grace{500};  ///< for the process to end by itself once the run has failed
  };
  /// Both end the process, or return if its own thread is about to end it; then they are called again.
  struct Actions {
    /// `error`: to be shown by this process; empty if another one shows it.
    std::function<void(const std::string& error)> end;
    /// The store cannot be reached any more.
    std::function<void()> end_without_store;
  };
  /// `places`: where each rank runs, for messages. `status` outlives this.
  Heartbeat(RunStatus& status, std::int64_t rank, std::vector<std::string> places, Options options,
            Actions actions);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  /// The step that messages name.
  void set_step(std::int64_t step) { step_ = step; }
  /// A connection has broken, so a process has probably ended.
  void hurry() { is_hurried_ = true; }

 private:
  void run();
  void show_beat();
  bool sleep_and_show_steps();
  void watch_next();
  void watch_store();
  std::chrono::milliseconds time_of(std::int64_t intervals) const { return intervals * options_.interval; }
  bool sleep(std::chrono::milliseconds time);

  RunStatus& status_;
  std::int64_t rank_;
  std::vector<std::string> places_;
  Options options_;
  Actions actions_;
  std::atomic<std::int64_t> step_{0};
  std::atomic<bool> is_hurried_{false};
  std::int64_t beats_ = 0;
  std::int64_t shown_step_ = 0;
  std::int64_t watched_ = -1;  ///< the rank whose beat is `seen_`
  std::string seen_;
  std::int64_t unchanged_ = 0;            ///< intervals since `seen_` was another one
  std::atomic<std::int64_t> answers_{0};  ///< of the store
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_over_ = false;
  std::thread thread_, store_watcher_;
};

}  // namespace sift
