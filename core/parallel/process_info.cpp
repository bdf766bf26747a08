#include "parallel/process_info.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <limits>

#include <sift/error.h>
#include "parallel/launcher_variables.h"
#include "parallel/slurm_lists.h"

namespace sift {
namespace {

constexpr std::int64_t kLastPort = std::numeric_limits<std::uint16_t>::max();

/// A port that all processes of a job know without a word. Below those that the system gives to outgoing
/// connections (from 32768).
std::uint16_t port_of_job(std::uint64_t job) {
  return static_cast<std::uint16_t>(20'000 + job % 10'000);
}

std::uint16_t master_port(const LauncherVariables& variables) {
  return static_cast<std::uint16_t>(variables.number("MASTER_PORT", 1, kLastPort));
}

bool is_this_machine(const std::string& address) {
  return address == "localhost" || address == "::1" || address.starts_with("127.");
}

/// WORLD_SIZE of a script that was written for another launcher must not contradict the one that is used.
void check_world_size(const LauncherVariables& variables, const std::string& size_name, std::int64_t size) {
  if (!variables.find("WORLD_SIZE") || variables.number("WORLD_SIZE", 1, kMostProcesses) == size) return;
  throw Error(fmt::format(
      "{} is '{}' and WORLD_SIZE is '{}', but both say how many processes the run has; {} starts them and sets {}: unset WORLD_SIZE",
      size_name, size, variables.text("WORLD_SIZE"), variables.setter(), size_name));
}

ProcessInfo of_torchrun(const Environment& environment) {
  const LauncherVariables variables(environment, "torchrun or sift launch", "RANK");
  ProcessInfo info;
  info.size = variables.number("WORLD_SIZE", 1, kMostProcesses);
  info.rank = variables.rank("RANK", "WORLD_SIZE", info.size);
  if (info.size == 1) return info;
  info.master_addr = variables.text("MASTER_ADDR");
  info.master_port = master_port(variables);
  if (variables.find("LOCAL_RANK") || variables.find("LOCAL_WORLD_SIZE")) {
    info.local_size = variables.number("LOCAL_WORLD_SIZE", 1, info.size);
    info.local_rank = variables.rank("LOCAL_RANK", "LOCAL_WORLD_SIZE", info.local_size);
  } else if (is_this_machine(info.master_addr)) {
    info.local_size = info.size;
    info.local_rank = info.rank;
  }
  info.uses_agent_store = variables.find("TORCHELASTIC_USE_AGENT_STORE") == "True";
  info.started_by = variables.find("SIFT_LAUNCH") ? "sift launch" : "torchrun";
  return info;
}

/// FNV-1a: the same on every machine, unlike std::hash.
std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return hash;
}

ProcessInfo of_open_mpi(const Environment& environment) {
  const LauncherVariables variables(environment, "mpirun", "OMPI_COMM_WORLD_RANK");
  ProcessInfo info;
  info.size = variables.number("OMPI_COMM_WORLD_SIZE", 1, kMostProcesses);
  info.rank = variables.rank("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", info.size);
  info.local_size = variables.number("OMPI_COMM_WORLD_LOCAL_SIZE", 1, info.size);
  info.local_rank =
      variables.rank("OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE", info.local_size);
  check_world_size(variables, "OMPI_COMM_WORLD_SIZE", info.size);
  info.started_by = "Open MPI";
  if (const auto address = variables.find("MASTER_ADDR")) {
    info.master_addr = *address;
  } else if (info.local_size == info.size) {
    info.master_addr = "127.0.0.1";
  } else {
    throw Error(fmt::format(
        "mpirun started {} of {} processes on this host and the others elsewhere, and MASTER_ADDR is not set: add -x MASTER_ADDR=HOST, where HOST is the machine of rank 0",
        info.local_size, info.size));
  }
  info.master_port = variables.find("MASTER_PORT")
                         ? master_port(variables)
                         : port_of_job(hash_of(variables.find("PMIX_NAMESPACE").value_or("")));
  return info;
}

/// The first of the variables that is set. A step of a job has its own, more exact ones.
std::string first_set(const LauncherVariables& variables, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (variables.find(name)) return name;
  }
  return *(names.end() - 1);
}

std::int64_t slurm_local_size(const LauncherVariables& variables, std::int64_t size) {
  const std::string name = first_set(variables, {"SLURM_STEP_TASKS_PER_NODE", "SLURM_TASKS_PER_NODE"});
  if (!variables.find(name)) {
    if (variables.find("SLURM_NTASKS_PER_NODE"))
      return std::min(size, variables.number("SLURM_NTASKS_PER_NODE", 1, kMostProcesses));
    return size;
  }
  const auto tasks = tasks_of_nodes(variables.text(name));
  if (!tasks) variables.refuse(name, "and not a list of numbers such as 4(x2),3");
  const auto nodes = static_cast<std::int64_t>(tasks->size());
  const std::int64_t node =
      nodes == 1 ? 0 : variables.rank("SLURM_NODEID", fmt::format("the number of nodes in {}", name), nodes);
  const std::int64_t local_size = (*tasks)[static_cast<std::size_t>(node)];
  if (local_size > size) variables.refuse(name, fmt::format("and the whole run has {} tasks", size));
  return local_size;
}

std::string slurm_master(const LauncherVariables& variables) {
  if (const auto address = variables.find("MASTER_ADDR")) return *address;
  const std::string name =
      first_set(variables, {"SLURM_STEP_NODELIST", "SLURM_JOB_NODELIST", "SLURM_NODELIST"});
  const auto host = first_host(variables.text(name));
  if (!host) variables.refuse(name, "and not a list of hosts such as node[01-04]");
  return *host;
}

std::uint16_t slurm_port(const LauncherVariables& variables) {
  if (variables.find("MASTER_PORT")) return master_port(variables);
  constexpr std::int64_t kLast = std::numeric_limits<std::uint32_t>::max();
  const std::int64_t job = variables.number(first_set(variables, {"SLURM_JOBID", "SLURM_JOB_ID"}), 0, kLast);
  const std::int64_t step = variables.find("SLURM_STEP_ID") ? variables.number("SLURM_STEP_ID", 0, kLast) : 0;
  return port_of_job(static_cast<std::uint64_t>(job * 7 + step));  // steps of a job may run side by side
}

/// The script of sbatch runs once, whatever the number of the job's tasks, but it has the variables of task
/// 0.
bool is_batch_script(const LauncherVariables& variables) {
  return variables.find("ENVIRONMENT") == "BATCH" && !variables.find("SLURM_STEP_ID") &&
         !variables.find("SLURM_STEP_NODELIST");
}

ProcessInfo of_slurm(const Environment& environment) {
  const LauncherVariables variables(environment, "srun", "SLURM_PROCID");
  ProcessInfo info;
  if (is_batch_script(variables)) return info;
  const std::string size_name = first_set(variables, {"SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"});
  info.size = variables.number(size_name, 1, kMostProcesses);
  info.rank = variables.rank("SLURM_PROCID", size_name, info.size);
  if (info.size == 1) return info;
  check_world_size(variables, size_name, info.size);
  info.local_size = slurm_local_size(variables, info.size);
  info.local_rank = variables.rank("SLURM_LOCALID", "the number of tasks on this node", info.local_size);
  info.master_addr = slurm_master(variables);
  info.master_port = slurm_port(variables);
  info.started_by = "Slurm";
  return info;
}

/// With size 1 for a process that was started alone.
ProcessInfo read_info(const Environment& environment) {
  const LauncherVariables variables(environment, "torchrun or sift launch", "WORLD_SIZE");
  if (variables.find("RANK")) return of_torchrun(environment);
  if (variables.find("OMPI_COMM_WORLD_RANK")) return of_open_mpi(environment);
  if (variables.find("SLURM_PROCID")) return of_slurm(environment);
  if (variables.find("WORLD_SIZE") && variables.number("WORLD_SIZE", 1, kMostProcesses) > 1)
    static_cast<void>(variables.text("RANK"));
  return {};
}

}  // namespace

std::optional<ProcessInfo> process_info(const Environment& environment) {
  ProcessInfo info = read_info(environment);
  if (info.size == 1) return {};
  return info;
}

std::optional<ProcessInfo> process_info() {
  return process_info([](const char* name) { return std::getenv(name); });
}

}  // namespace sift
