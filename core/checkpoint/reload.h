#pragma once

#include <filesystem>

#include "model/decoder/decoder.h"
#include "optim/optimizer.h"

namespace sift {

/// Loads the weights of a model folder into `model`. Throws Error naming the weight that does not match.
void reload_weights(const std::filesystem::path& folder, const Decoder& model);

/// Restores weights and optimizer state from a checkpoint, and nothing else. Throws Error if the checkpoint
/// is damaged or belongs to another model.
void reload_weights_and_optimizer(const std::filesystem::path& checkpoint, const Decoder& model,
                                  const AdamW& optimizer);

}  // namespace sift
