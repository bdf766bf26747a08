#pragma once

#include <filesystem>

#include "model/decoder/decoder.h"
#include "optim/optimizer.h"

namespace sift {

/// Gives `model` the weights of a model folder of the same model. Throws Error naming what does not fit.
void reload_weights(const std::filesystem::path& folder, const Decoder& model);

/// Gives both what a checkpoint holds, and nothing else of the run. Throws Error when the checkpoint is
/// damaged or of another model.
void reload_weights_and_optimizer(const std::filesystem::path& checkpoint, const Decoder& model,
                                  const AdamW& optimizer);

}  // namespace sift
