#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "checkpoint/manifest.h"
#include "model/decoder/decoder.h"
#include "parallel/parallel.h"

namespace sift {

/// What several processes have written into a folder together. Every tensor is whole in one file, so that any
/// number of processes reads them.
struct ShardFiles {
  std::vector<ManifestEntry> files;
  std::map<std::string, std::string> weight_map;  ///< the file of each tensor of the model
  std::string problem;                            ///< of the first process that could not write; else empty
};

/// Each process writes one file of weights and one of the optimizer's state, all at the same time. A process
/// has one whole tensor in memory at a time. All processes call it, and get the same result. `optimizer`:
/// nullptr to write the weights alone.
ShardFiles write_shards(const std::filesystem::path& folder, const Decoder& model, const Optimizer* optimizer,
                        Parallel& parallel);

/// The same for the weights alone, which the main process writes into one file, or into several of at most
/// `max_bytes`.
ShardFiles write_weights(const std::filesystem::path& folder, const Decoder& model, Parallel& parallel,
                         std::int64_t max_bytes = 50'000'000'000);

}  // namespace sift
