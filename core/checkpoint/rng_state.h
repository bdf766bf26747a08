#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <sift/tensors.h>

namespace sift {

/// The states of the default generators of a run on `device`, keyed by device type: "cpu" and, if different,
/// that of `device`. The tensors are on the host.
std::vector<NamedTensor> rng_states(at::Device device);

/// The name of a generator's state in a checkpoint of several processes: as it is for rank 0.
std::string rng_state_name(const std::string& generator, std::int64_t rank);

/// Restores those generators from rng_states() saved in the safetensors file. A generator missing in the
/// file, because the run was on another device, is unchanged; a rank missing there takes the state of rank 0.
/// Throws Error that names the file.
void restore_rng_states(const std::filesystem::path& file, at::Device device, std::int64_t rank);

}  // namespace sift
