#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sift {

/// The options of `sift launch`, with torchrun's names.
struct LaunchOptions {
  std::int64_t nproc_per_node = 0;  ///< processes on this machine
  std::int64_t nnodes = 1;          ///< machines, each with a launcher and as many processes
  std::int64_t node_rank = 0;       ///< of this machine; that of 0 serves the store
  std::string master_addr;          ///< machine of node 0; empty: there is only one
  std::int64_t master_port = 0;     ///< 0: any free one, or 29500 with several machines
  std::int64_t grace_seconds = 15;  ///< from the first failure to SIGKILL
  bool log_all_ranks = false;
  std::vector<std::string> command;  ///< arguments of sift in each process

  std::int64_t world_size() const { return nproc_per_node * nnodes; }
  std::int64_t first_rank() const { return nproc_per_node * node_rank; }
};

}  // namespace sift
