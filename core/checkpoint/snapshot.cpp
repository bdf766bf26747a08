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

std::int64_t bytes_of(const RunState& run, bool only_model) {
  std::size_t bytes = 0;
  for (const Parameter& parameter : run.model.trainable()) bytes += parameter.tensor.nbytes();
  if (only_model) return static_cast<std::int64_t>(bytes);
  bytes += run.optimizer.nbytes();
  for (const auto& [name, tensor] : run.component_tensors) bytes += tensor.nbytes();
  return static_cast<std::int64_t>(bytes);
}

ResumeContent resume_content(const RunState& run, bool copies) {
  std::vector<NamedTensor> component_tensors = run.component_tensors;
  if (copies) {
    for (auto& [name, tensor] : component_tensors) tensor = host_copy(tensor);
  }
  std::vector<NamedTensor> states = rng_states(run.model.device());
  states.insert(states.end(), run.order_states.begin(), run.order_states.end());
  states.insert(states.end(), run.other_rng_states.begin(), run.other_rng_states.end());
  return {copies ? run.optimizer.copied() : run.optimizer,
          ScheduleState::of(run.schedule, run.progress.state.global_step), run.component_states,
          std::move(component_tensors), std::move(states)};
}

}  // namespace

bool fits_in_memory(const RunState& run, bool only_model) {
  return available_bytes() / 2 > bytes_of(run, only_model);
}

CheckpointContent take_snapshot(const RunState& run, bool only_model, bool copies) {
  run.progress.window.sums();  // reads values that are still on a device
  CheckpointContent content{run.model.snapshot(copies), run.progress, std::nullopt};
  if (!only_model) content.resume = resume_content(run, copies);
  return content;
}

}  // namespace sift
