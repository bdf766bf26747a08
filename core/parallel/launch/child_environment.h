#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "parallel/launch/launch_options.h"

namespace sift {

using VariableMap = std::map<std::string, std::string>;

/// The environment of this process.
VariableMap own_environment();

/// The cores that this process may use.
std::int64_t num_usable_cores();

/// What `inherited` becomes for process `local_rank` of this machine: torchrun's variables, the file for its
/// error, and an equal share of the cores unless OMP_NUM_THREADS is set.
VariableMap child_environment(VariableMap inherited, const LaunchOptions& options, std::int64_t local_rank,
                              std::uint16_t master_port, std::int64_t num_cores,
                              const std::string& error_file);

}  // namespace sift
