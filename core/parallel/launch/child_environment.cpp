#include "parallel/launch/child_environment.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <thread>

namespace sift {

VariableMap own_environment() {
  VariableMap variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=', 1);
    if (equals != std::string_view::npos) variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

std::int64_t num_usable_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (::sched_getaffinity(0, sizeof cores, &cores) == 0) return CPU_COUNT(&cores);
  return std::max<std::int64_t>(1, std::thread::hardware_concurrency());
}

VariableMap child_environment(VariableMap inherited, const LaunchOptions& options, std::int64_t local_rank,
                              std::uint16_t master_port, std::int64_t num_cores,
                              const std::string& error_file) {
  VariableMap variables = std::move(inherited);
  variables["RANK"] = std::to_string(options.first_rank() + local_rank);
  variables["WORLD_SIZE"] = std::to_string(options.world_size());
  variables["LOCAL_RANK"] = std::to_string(local_rank);
  variables["LOCAL_WORLD_SIZE"] = std::to_string(options.nproc_per_node);
  variables["MASTER_ADDR"] = options.master_addr.empty() ? "127.0.0.1" : options.master_addr;
  variables["MASTER_PORT"] = std::to_string(master_port);
  variables["TORCHELASTIC_USE_AGENT_STORE"] = "True";
  variables["TORCHELASTIC_ERROR_FILE"] = error_file;
  variables["SIFT_LAUNCH"] = "1";
  if (options.log_all_ranks) variables["SIFT_LOG_ALL_RANKS"] = "1";
  const std::int64_t threads = std::max<std::int64_t>(1, num_cores / options.nproc_per_node);
  variables.emplace("OMP_NUM_THREADS", std::to_string(threads));
  return variables;
}

}  // namespace sift
