#include <fmt/format.h>

#include <string_view>

#include <sift/error.h>
#include "app/commands.h"
#include "parallel/launch/launch.h"

namespace sift {
namespace {

constexpr std::int64_t kMostPerNode = 1024, kMostNodes = 1 << 16, kLastPort = 65'535;

void check_range(const char* option, std::int64_t value, std::int64_t least, std::int64_t most) {
  if (value < least || value > most)
    throw UsageError(fmt::format("{} is {}; expected {} to {}", option, value, least, most));
}

void check(const LaunchOptions& options) {
  check_range("--nproc-per-node", options.nproc_per_node, 1, kMostPerNode);
  check_range("--nnodes", options.nnodes, 1, kMostNodes);
  check_range("--node-rank", options.node_rank, 0, options.nnodes - 1);
  check_range("--master-port", options.master_port, 0, kLastPort);
  check_range("--grace-seconds", options.grace_seconds, 0, 86'400);
  if (options.nnodes > 1 && options.master_addr.empty())
    throw UsageError("--nnodes above 1 needs --master-addr HOST, the machine that has --node-rank 0");
  if (options.command.empty())
    throw UsageError(
        "sift launch needs a command to run, as in sift launch --nproc-per-node 2 train run.toml");
}

}  // namespace

int run_launch(const LaunchOptions& options) {
  check(options);
  return launch(options);
}

}  // namespace sift
