#include "checkpoint/snapshot.h"

#include <cstdint>
#include <fstream>
#include <limits>
#include <string>

#include "checkpoint/rng_state.h"

namespace sift {
namespace {

constexpr std::int64_t kBytesOfKilobyte = 1024;

/// Memory available without swapping. A system that does not report it is assumed to have enough.
std::int64_t available_bytes() {
  std::ifstream in("/proc/meminfo");
  std::string key, unit;
  for (std::int64_t kilobytes = 0; in >> key >> kilobytes; std::getline(in, unit)) {
    if (key == "MemAvailable:") return kilobytes * kBytesOfKilobyte;
  }
  return std::numeric_limits<std::int64_t>::max();
}

std::int64_t bytes_of(const RunState& run) {
  std::size_t bytes = 0;
  for (const Parameter& parameter : run.model.parameters()) bytes += parameter.tensor.nbytes();
  for (const auto& [name, tensor] : run.optimizer.state()) bytes += tensor.nbytes();
  return static_cast<std::int64_t>(bytes);
}

}  // namespace

bool fits_in_memory(const RunState& run) {
  return available_bytes() / 2 > bytes_of(run);
}

CheckpointContent take_snapshot(const RunState& run, const Config& config, bool copies) {
  run.progress.window.sums();  // reads values that are still on a device
  return {run.model.snapshot(copies),
          run.optimizer.snapshot(copies),
          schedule_state(config, run.schedule, run.progress),
          run.progress,
          run.component_states,
          rng_states(run.optimizer.device())};
}

}  // namespace sift
