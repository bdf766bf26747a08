#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "model/lora/adapter.h"
#include "model/lora/lora_options.h"

namespace sift {

/// adapter_config.json, as PEFT 0.21 writes it.
struct AdapterConfig {
  LoraOptions options;
  std::string base;  ///< base_model_name_or_path
};

/// Whether the folder is that of an adapter, not of a model.
bool is_adapter_folder(const std::filesystem::path& folder);

/// Reads adapter_config.json of the folder. Throws Error that names the file for what is no LoRA adapter, or
/// has a variant that Sift lacks.
AdapterConfig read_adapter_config(const std::filesystem::path& folder);

nlohmann::ordered_json adapter_config_json(const Adapter& adapter, const std::string& base);

/// The folder with the tokenizer of `folder`: itself, or the base model of an adapter that has none.
std::filesystem::path text_folder_of(const std::filesystem::path& folder);

/// `folder`, or the folder of the model that its adapter was trained on. Throws Error if that folder is not a
/// model folder.
std::filesystem::path base_of(const std::filesystem::path& folder);

}  // namespace sift
