#include "model/common_keys.h"
#include "model/families/architectures.h"

namespace sift {
namespace {

void configure_olmoe(const JsonFields& fields, ModelConfig& config) {
  read_common_keys(fields, config);
  config.qkv_bias = config.o_bias = fields.flag_or("attention_bias", false);
  config.qk_norm = QkNorm::kProjection;
  config.clip_qkv = positive_number_or_none(fields, "clip_qkv");
  read_experts(fields, config);
}

}  // namespace

Architecture olmoe_architecture() {
  return {"olmoe",
          "OlmoeForCausalLM",
          {{"max_position_embeddings", 4096},
           {"rms_norm_eps", 1e-5},
           {"num_experts", 64},
           {"num_experts_per_tok", 8},
           {"router_aux_loss_coef", 0.01},
           {"pad_token_id", 1},
           {"eos_token_id", 50279}},
          configure_olmoe};
}

}  // namespace sift
