#include "model/common_keys.h"
#include "model/families/architectures.h"

namespace sift {
namespace {

void configure_mistral(const JsonFields& fields, ModelConfig& config) {
  read_common_keys(fields, config);
  slide_every_layer(fields, config);
}

}  // namespace

Architecture mistral_architecture() {
  return {"mistral",
          "MistralForCausalLM",
          {{"num_key_value_heads", 8},
           {"sliding_window", 4096},
           {"max_position_embeddings", 131072},
           {"bos_token_id", 1},
           {"eos_token_id", 2}},
          configure_mistral};
}

}  // namespace sift
