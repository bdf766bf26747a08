#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/decoder/decoder.h"

namespace sift {

/// Writes adapter_config.json and adapter_model.safetensors, as PEFT does. `base` is the path of the model
/// that the adapter is for. Each file replaces its predecessor atomically. Throws Error.
void save_adapter(const Decoder& model, const std::string& base, const std::filesystem::path& folder);

/// Copies the tensors of adapter_model.safetensors
/// into the parameters of the adapter. Throws Error that names missing, unknown and misshapen tensors, up to
/// ten at once, and what differs in adapter_config.json.
void load_adapter(const std::filesystem::path& folder, const Decoder& model);

}  // namespace sift
