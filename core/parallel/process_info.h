#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace sift {

/// One of the processes of a run, as its launcher started it.
struct ProcessInfo {
  std::int64_t rank = 0;        ///< from 0 to size - 1
  std::int64_t size = 1;        ///< processes of the whole run, at least 2
  std::int64_t local_rank = 0;  ///< rank among those of this machine: chooses the GPU
  std::int64_t local_size = 1;  ///< processes of this machine
  std::string master_addr;      ///< host of the store at which the processes meet
  std::uint16_t master_port = 0;
  bool uses_agent_store = false;  ///< the launcher serves the store; else rank 0 does
  std::string started_by;         ///< "torchrun", "sift launch", "Slurm" or "Open MPI"

  /// The other processes need this one to the end, for the store.
  bool keeps_store() const { return rank == 0 && !uses_agent_store; }
};

/// The value of an environment variable; nullptr: it is not set.
using Environment = std::function<const char*(const char* name)>;

/// What the variables of torchrun, `sift launch`, Open MPI or Slurm say, in this order: a launcher may run
/// inside a job of the next. An empty variable counts as one that is not set. Nothing if the process was
/// started alone, or as the only one. Throws Error that names the variable, its value and who sets it, if
/// variables are missing, no numbers, or contradict each other.
std::optional<ProcessInfo> process_info(const Environment& environment);
/// The same with the variables of this process.
std::optional<ProcessInfo> process_info();

}  // namespace sift
