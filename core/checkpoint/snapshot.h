#pragma once

#include "checkpoint/checkpoint.h"

namespace sift {

/// What a run is made of at the end of a step.
struct RunState {
  const Decoder& model;
  const AdamW& optimizer;
  const Schedule& schedule;
  Progress& progress;
  std::vector<std::pair<std::string, std::string>> component_states;
};

/// Whether a copy of weights and optimizer fits into the memory that is free, with room to spare.
bool fits_in_memory(const RunState& run);

/// What a checkpoint of this moment holds. With `copies` the tensors are copied to host memory, and the run
/// may go on while it is written; else they are the run's own.
CheckpointContent take_snapshot(const RunState& run, const Config& config, bool copies);

}  // namespace sift
