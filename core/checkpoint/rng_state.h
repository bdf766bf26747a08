#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace sift {

/// The states of the default generators of a run on `device`, by the name of the kind of device: "cpu" and,
/// where that is another one, `device`'s own. On the host.
std::vector<std::pair<std::string, at::Tensor>> rng_states(at::Device device);

/// Sets those generators to what rng_states() had written to the safetensors file. A generator that the file
/// does not have, because the run was on another device, stays as it is. Throws Error that names the file.
void restore_rng_states(const std::filesystem::path& file, at::Device device);

}  // namespace sift
