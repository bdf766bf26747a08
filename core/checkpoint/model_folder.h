#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "model/decoder/decoder.h"

namespace sift {

/// Where a model folder takes from what training does not change.
struct ModelFolderSource {
  std::filesystem::path model;               ///< the folder of the model that is trained
  std::filesystem::path chat_template_path;  ///< replaces the chat template; empty: the model's own
  std::string eos_token;                     ///< replaces the eos token; empty: the tokenizer's own
  std::optional<std::int64_t> eos_token_id;  ///< the one used in training, if there is one
};

/// Writes all files transformers needs to load the model from `folder`: weights and config.json,
/// generation_config.json, tokenizer files and chat template. Generation stops at the eos token used in
/// training.
void write_model_folder(const Decoder& model, const ModelFolderSource& source,
                        const std::filesystem::path& folder);

}  // namespace sift
