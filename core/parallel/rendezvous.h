#pragma once

#include <c10/util/intrusive_ptr.h>

#include <chrono>
#include <string>
#include <vector>

#include "parallel/process_info.h"

namespace c10d {
class Store;
}

namespace sift {

/// What the processes of a run know of each other once they have met.
struct Rendezvous {
  /// Keys and values that all processes share, of this start of the run alone.
  c10::intrusive_ptr<c10d::Store> store;
  /// Another connection to it, for another thread.
  c10::intrusive_ptr<c10d::Store> second_connection;
  std::string address;              ///< of this host, as the other processes reach it
  std::vector<std::string> places;  ///< "host (process 1234)" of each rank, for messages
};

/// The keys of a store that belong to this start of the run: a restart by the same agent finds those of the
/// earlier one.
c10::intrusive_ptr<c10d::Store> keys_of_start(const c10::intrusive_ptr<c10d::Store>& store);

/// Waits until all processes of the run are there. Throws Error if the store cannot be reached or its port is
/// in use, and one that lists the missing ranks after `timeout`; PeerLost if another process or its launcher
/// has shown an error meanwhile.
Rendezvous meet(const ProcessInfo& process, std::chrono::seconds timeout);

}  // namespace sift
