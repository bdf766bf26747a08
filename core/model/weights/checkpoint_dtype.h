#pragma once

#include <ATen/core/ScalarType.h>

#include <filesystem>

#include "model/model_config.h"

namespace sift {

/// The data type for dtype = "auto", as transformers finds it: that of config.json, or of the first
/// floating-point tensor of the weights, or float32 if there are none. float16, which is too coarse for the
/// updates of an optimizer, becomes float32 with a warning, which loses nothing. Throws Error for a type that
/// Sift cannot train.
at::ScalarType checkpoint_dtype(const std::filesystem::path& folder, const ModelConfig& config);

}  // namespace sift
