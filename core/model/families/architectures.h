#pragma once

#include <string>
#include <vector>

#include "formats/json_fields.h"
#include "model/decoder/rope.h"
#include "model/model_config.h"

namespace sift {

/// A family of models that the decoder can be. Adding one is a file that defines its Architecture and a line
/// in the table.
struct Architecture {
  std::string model_type;  ///< of config.json, e.g. "llama"
  std::string class_name;  ///< of config.json's `architectures`, e.g. "LlamaForCausalLM"
  /// What config.json means where it is silent. A key that is there as null keeps its null: it means none.
  nlohmann::ordered_json defaults;
  /// Reads the keys that are the family's own and refuses those that would change numbers unseen. The keys
  /// that all families share have been read already.
  void (*configure)(const JsonFields& fields, ModelConfig& config);
  /// Reads the parameters of the rotary embedding; called before `configure`.
  void (*read_rope)(const JsonFields& fields, ModelConfig& config) = read_rope_options;
};

/// The config.json of the language model inside a Gemma 3 that also sees images, as if it stood alone; any
/// other as it is.
nlohmann::ordered_json language_model_config(const nlohmann::ordered_json& json, const std::string& name);

/// The family that a config.json names by `architectures` and `model_type`. Throws Error with what was found
/// and what is supported.
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
