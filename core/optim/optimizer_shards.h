#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "optim/optimizer_state.h"

namespace sift {

// The state of an optimizer in several safetensors files, each of which has some of the tensors: "3/exp_avg"
// is that of parameter 3, as optimizer.pt numbers them. A parameter that was never updated has none.

/// The name of shard `index` (from 0) of `count`: optimizer-00001-of-00002.safetensors.
std::string optimizer_shard_name(std::size_t index, std::size_t count);

/// The name of the tensor `name` in the state of parameter `number`.
std::string shard_tensor_name(std::size_t number, const std::string& name);

/// Restores the state of `optimizer`, whose tensors are overwritten, from the shards in `folder`. `slices`:
/// as in read_optimizer_file(). Throws Error that names the file or the parameter on a mismatch.
void read_optimizer_shards(const std::filesystem::path& folder, Optimizer& optimizer,
                           const ParameterSlices& slices = {});

}  // namespace sift
