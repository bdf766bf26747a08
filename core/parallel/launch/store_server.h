#pragma once

#include <c10/util/intrusive_ptr.h>

#include <cstdint>
#include <string>

#include "parallel/launch/descriptor.h"

namespace c10d {
class TCPStore;
}  // namespace c10d

namespace sift {

/// The store at which the processes of a run meet, c10d's TCPStore, served by the launcher of node 0 so that
/// it outlives each of them.
class StoreServer {
 public:
  /// `port` 0: a free one. `this_machine_alone`: nobody else can connect. Throws Error if the port is in use.
  StoreServer(std::uint16_t port, bool this_machine_alone);
  ~StoreServer();
  StoreServer(const StoreServer&) = delete;
  StoreServer& operator=(const StoreServer&) = delete;

  std::uint16_t port() const { return port_; }
  /// The launchers of other nodes that have called report_end().
  std::int64_t num_ended_nodes();

 private:
  std::uint16_t port_;
  c10::intrusive_ptr<c10d::TCPStore> store_;
};

/// Tells the launcher of node 0 that no process of this node needs the store any more. Does nothing if it
/// cannot be reached within a few seconds.
void report_end(const std::string& master_addr, std::uint16_t port);

}  // namespace sift
