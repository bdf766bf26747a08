#include "model/common_keys.h"
#include "model/families/architectures.h"

namespace sift {
namespace {

void configure_qwen2(const JsonFields& fields, ModelConfig& config) {
  read_common_keys(fields, config);
  config.qkv_bias = true;
  slide_upper_layers(fields, config);
}

void configure_qwen3(const JsonFields& fields, ModelConfig& config) {
  read_common_keys(fields, config);
  config.qkv_bias = config.o_bias = fields.flag_or("attention_bias", false);
  config.qk_norm = QkNorm::kHead;
  slide_upper_layers(fields, config);
}

nlohmann::ordered_json qwen2_defaults() {
  return {{"num_key_value_heads", 32},
          {"max_position_embeddings", 32768},
          {"sliding_window", 4096},
          {"max_window_layers", 28}};
}

}  // namespace

Architecture qwen2_architecture() {
  return {"qwen2", "Qwen2ForCausalLM", qwen2_defaults(), configure_qwen2};
}

Architecture qwen3_architecture() {
  nlohmann::ordered_json with_head_dim = qwen2_defaults();
  with_head_dim["head_dim"] = 128;
  return {"qwen3", "Qwen3ForCausalLM", with_head_dim, configure_qwen3};
}

}  // namespace sift
