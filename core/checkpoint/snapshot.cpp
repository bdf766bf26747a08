#include "checkpoint/snapshot.h"

#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <utility>

#include "checkpoint/rng_state.h"
#include "device/host_copy.h"

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
  std::size_t bytes = OptimizerState::of(run.optimizer).nbytes();
  for (const Parameter& parameter : run.model.parameters()) bytes += parameter.tensor.nbytes();
  for (const auto& [name, tensor] : run.component_tensors) bytes += tensor.nbytes();
  return static_cast<std::int64_t>(bytes);
}

}  // namespace

bool fits_in_memory(const RunState& run) {
  return available_bytes() / 2 > bytes_of(run);
}

CheckpointContent take_snapshot(const RunState& run, bool copies) {
  run.progress.window.sums();  // reads values that are still on a device
  std::vector<NamedTensor> component_tensors = run.component_tensors;
  if (copies) {
    for (auto& [name, tensor] : component_tensors) tensor = host_copy(tensor);
  }
  const OptimizerState optimizer = OptimizerState::of(run.optimizer);
  return {run.model.snapshot(copies),
          copies ? optimizer.copied() : optimizer,
          schedule_state(run.schedule, run.progress),
          run.progress,
          run.component_states,
          std::move(component_tensors),
          rng_states(run.model.device())};
}

}  // namespace sift
