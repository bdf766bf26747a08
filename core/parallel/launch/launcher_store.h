#pragma once

#include <c10/util/intrusive_ptr.h>

#include <cstdint>
#include <optional>
#include <string>

namespace c10d {
class Store;
}  // namespace c10d

namespace sift {

/// The store at which the processes of a run meet, c10d's TCPStore, for the launcher of a node. That of node
/// 0 serves it, so that it outlives each process.
class LauncherStore {
 public:
  /// Serves it. `port` 0: a free one. `this_machine_alone`: no other machine can connect. Throws Error if the
  /// port is in use.
  LauncherStore(std::uint16_t port, bool this_machine_alone);
  /// Connects to that of another node when it is needed.
  LauncherStore(std::string master_addr, std::uint16_t port);
  ~LauncherStore();
  LauncherStore(const LauncherStore&) = delete;
  LauncherStore& operator=(const LauncherStore&) = delete;

  std::uint16_t port() const { return port_; }

  /// Tells the launcher that serves the store that no process of this node needs it any more, if it can be
  /// reached within a few seconds.
  void report_end();
  /// The launchers of other nodes that have reported their end. Only where the store is served.
  std::int64_t num_ended_nodes();

  /// Makes "WHAT, at step N: CAUSE" the error of the run, see RunStatus, for a process that died without one.
  /// Returns it for the launcher to show; nothing if another process shows its own.
  std::optional<std::string> claim_failure(std::int64_t rank, const std::string& what,
                                           const std::string& cause);

 private:
  c10d::Store& store();

  std::string master_addr_;
  std::uint16_t port_ = 0;
  c10::intrusive_ptr<c10d::Store> store_;
};

}  // namespace sift
