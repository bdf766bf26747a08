#pragma once

#include <string>
#include <vector>

#include "formats/json_fields.h"
#include "model/decoder/rope.h"
#include "model/model_config.h"

namespace sift {

/// A family of models that the decoder implements. A new one takes a file that defines its Architecture and a
/// line in the table.
struct Architecture {
  std::string model_type;  ///< of config.json, e.g. "llama"
  std::string class_name;  ///< of config.json's `architectures`, e.g. "LlamaForCausalLM"
  /// The values of keys that config.json lacks. A key that is null stays null, which means none.
  nlohmann::ordered_json defaults;
  /// Reads the family's own keys and refuses those that would silently change numbers. The keys common to all
  /// families have been read already.
  void (*configure)(const JsonFields& fields, ModelConfig& config);
  /// Reads the parameters of the rotary embedding; called before `configure`.
  void (*read_rope)(const JsonFields& fields, ModelConfig& config) = read_rope_options;
};

/// The config.json of the language model in an image-text Gemma 3; any other config.json unchanged.
nlohmann::ordered_json language_model_config(const nlohmann::ordered_json& json, const std::string& name);

/// The family that a config.json names by `architectures` and `model_type`. Throws Error with the found
/// names and the supported ones.
const Architecture& find_architecture(const JsonFields& fields);

Architecture llama_architecture();
Architecture mistral_architecture();
Architecture qwen2_architecture();
Architecture qwen3_architecture();
Architecture mixtral_architecture();
Architecture qwen2_moe_architecture();
Architecture qwen3_moe_architecture();
Architecture olmoe_architecture();
Architecture olmo2_architecture();
Architecture granite_architecture();
Architecture gemma2_architecture();
Architecture gemma3_architecture();
Architecture phi3_architecture();

}  // namespace sift
