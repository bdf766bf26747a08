#include "model/common_keys.h"
#include "model/families/architectures.h"

namespace sift {
namespace {

void configure_qwen2_moe(const JsonFields& fields, ModelConfig& config) {
  read_common_keys(fields, config);
  config.qkv_bias = fields.flag_or("qkv_bias", true);
  const std::int64_t end = fields.integer_or("max_window_layers", 0);
  const std::int64_t window = optional_window(fields);
  slide_layers(fields, config, window,
               [=](std::int64_t layer) { return window > 0 && layer % 2 == 0 && layer < end; });
  read_experts(fields, config);
  read_dense_layers(fields, config);
  config.experts.intermediate_size = fields.positive("moe_intermediate_size");
  config.experts.shared_intermediate_size = fields.positive("shared_expert_intermediate_size");
}

void configure_qwen3_moe(const JsonFields& fields, ModelConfig& config) {
  read_common_keys(fields, config);
  config.qkv_bias = config.o_bias = fields.flag_or("attention_bias", false);
  config.qk_norm = QkNorm::kHead;
  if (fields.flag_or("use_sliding_window", false)) slide_every_layer(fields, config);
  read_experts(fields, config);
  read_dense_layers(fields, config);
  config.experts.intermediate_size = fields.positive("moe_intermediate_size");
  config.experts.router_first = false;
}

}  // namespace

Architecture qwen2_moe_architecture() {
  return {"qwen2_moe",
          "Qwen2MoeForCausalLM",
          {{"num_key_value_heads", 16},
           {"max_position_embeddings", 32768},
           {"sliding_window", 4096},
           {"max_window_layers", 28},
           {"moe_intermediate_size", 1408},
           {"shared_expert_intermediate_size", 5632},
           {"num_experts", 60},
           {"num_experts_per_tok", 4},
           {"router_aux_loss_coef", 0.001}},
          configure_qwen2_moe};
}

Architecture qwen3_moe_architecture() {
  return {"qwen3_moe",
          "Qwen3MoeForCausalLM",
          {{"num_key_value_heads", 4},
           {"max_position_embeddings", 32768},
           {"sliding_window", 4096},
           {"moe_intermediate_size", 768},
           {"num_experts", 128},
           {"num_experts_per_tok", 8},
           {"router_aux_loss_coef", 0.001}},
          configure_qwen3_moe};
}

}  // namespace sift
