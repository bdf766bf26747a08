#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "model/decoder/decoder.h"
#include "text/text_processor.h"

namespace sift {

/// What a saved model folder has besides the weights, as the run read it at its start.
struct ModelFolderSource {
  static ModelFolderSource of(const std::filesystem::path& model, const TextProcessor& text);

  std::filesystem::path model;               ///< the folder of the model that is trained
  std::shared_ptr<const TextFiles> text;     ///< tokenizer files and templates
  nlohmann::ordered_json generation_config;  ///< an empty object if the folder has none
  SpecialTokenIds ids;                       ///< those used in training
  std::string eos_token = {};                ///< replaces the tokenizer's own; empty: does not
  std::string pad_token = {};                ///< for a tokenizer that names none; empty: it does
};

/// Writes all files transformers needs to load the model from `folder`: weights and config.json,
/// generation_config.json, tokenizer files and chat templates. Generation stops at the eos token used in
/// training. Of a model with an adapter: that, as PEFT saves it, and the tokenizer files and templates.
void write_model_folder(const Decoder& model, const ModelFolderSource& source,
                        const std::filesystem::path& folder);
/// The same for a model without an adapter whose weights are in the folder. `weight_map`: the file of each
/// tensor.
void write_model_folder(const Decoder& model, const ModelFolderSource& source,
                        const std::map<std::string, std::string>& weight_map,
                        const std::filesystem::path& folder);

}  // namespace sift
