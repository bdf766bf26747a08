#pragma once

#include <filesystem>

#include <sift/optimizer.h>
#include "model/decoder/decoder.h"
#include "optim/optimizer_state.h"
#include "parallel/parallel.h"

namespace sift {

/// Throws Error if a checkpoint to roll back to is damaged.
void check_intact(const std::filesystem::path& checkpoint);

/// Gives `model` the weights of a model folder, of which one is in memory at a time. All processes call it.
/// Throws Error naming the weight that does not match.
void reload_weights(const std::filesystem::path& folder, const Decoder& model, Parallel& parallel);

/// Restores the state of an optimizer that has not made a step yet, and nothing else. `slices`: see
/// read_optimizer_file(). Throws Error if the checkpoint
/// belongs to another model or optimizer.
void reload_optimizer(const std::filesystem::path& checkpoint, Optimizer& optimizer,
                      const ParameterSlices& slices = {});

}  // namespace sift
