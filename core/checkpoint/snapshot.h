#pragma once

#include "checkpoint/checkpoint.h"

namespace sift {

/// The state of a run at the end of a step.
struct RunState {
  const Decoder& model;
  OptimizerState optimizer;
  const Schedule& schedule;
  Progress& progress;
  std::vector<std::pair<std::string, std::string>> component_states;
  std::vector<NamedTensor> component_tensors = {};
  std::vector<NamedTensor> order_states = {};      ///< see EpochOrders::states()
  std::vector<NamedTensor> other_rng_states = {};  ///< of the ranks from 1 on, see rng_state_name()
};

/// Whether a copy of its tensors fits into the free memory with a margin.
bool fits_in_memory(const RunState& run, bool only_model);

/// The content of a checkpoint at this point. With `copies` the tensors are copied to host memory, and
/// training may continue during the write; otherwise they are shared with the run.
CheckpointContent take_snapshot(const RunState& run, bool only_model, bool copies);

}  // namespace sift
