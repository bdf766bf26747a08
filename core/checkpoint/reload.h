#pragma once

#include <filesystem>

#include "model/decoder/decoder.h"
#include "parallel/parallel.h"

namespace sift {

/// Throws Error if a checkpoint to roll back to is damaged.
void check_intact(const std::filesystem::path& checkpoint);

/// Gives `model` the weights of a model folder, of which one is in memory at a time. All processes call it.
/// Throws Error naming the weight that does not match.
void reload_weights(const std::filesystem::path& folder, const Decoder& model, Parallel& parallel);

}  // namespace sift
