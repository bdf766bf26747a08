#pragma once

#include <string>
#include <vector>

#include "model/json_fields.h"
#include "model/model_config.h"

namespace sift {

/// A family of models that the decoder can be. Adding one is a file that defines its Architecture and a line
/// in the table.
struct Architecture {
  std::string model_type;  ///< of config.json, e.g. "llama"
  std::string class_name;  ///< of config.json's `architectures`, e.g. "LlamaForCausalLM"
  /// Reads the keys that are the family's own and refuses those that would change numbers unseen. The keys
  /// that all families share have been read already.
  void (*configure)(const JsonFields& fields, ModelConfig& config);
};

/// The family that a config.json names by `architectures` and `model_type`. Throws Error with what was found
/// and what is supported.
const Architecture& find_architecture(const JsonFields& fields);

Architecture llama_architecture();

}  // namespace sift
