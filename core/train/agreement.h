#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include <sift/tensors.h>

#include "config/configured_components.h"
#include "parallel/parallel.h"

namespace sift {

// What the processes of a run must have in common, or share with the main process.

/// The value of the main process.
double of_main(double value, Parallel& parallel);

/// The states of the random generators of all ranks but 0, on every process; see rng_state_name().
std::vector<NamedTensor> rng_states_of_others(at::Device device, Parallel& parallel);

/// A part of what a run depends on, with a text or hash that is equal on all processes.
struct Commonality {
  std::string name;  ///< for the error, "the configuration"
  std::string value;
};
/// The files of the plugins that a run uses. A plugin of another version is another file.
std::vector<Commonality> plugins_of(const ConfiguredComponents& components);
/// Throws Error, on every process, that names what differs and the ranks that differ from the main process.
void check_equal(const std::vector<Commonality>& parts, Parallel& parallel);

}  // namespace sift
