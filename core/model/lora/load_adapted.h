#pragma once

#include <filesystem>

#include "model/decoder/decoder.h"

namespace sift {

/// The model of a folder: a model folder, or that of an adapter, which is put on its base model. `config` is
/// that of base_of(folder).
Decoder load_adapted(const std::filesystem::path& folder, const ModelConfig& config, at::ScalarType dtype,
                     at::Device device);

}  // namespace sift
