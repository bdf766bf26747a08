#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <vector>

#include <sift/tensors.h>

namespace sift {

/// The states of the default generators of a run on `device`, keyed by device type: "cpu" and, if different,
/// that of `device`. The tensors are on the host.
std::vector<NamedTensor> rng_states(at::Device device);

/// Restores those generators from rng_states() saved in the safetensors file. A generator missing in the
/// file, because the run was on another device, is unchanged. Throws Error that names the file.
void restore_rng_states(const std::filesystem::path& file, at::Device device);

}  // namespace sift
