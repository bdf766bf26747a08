#include "model/common_keys.h"
#include "model/families/architectures.h"

namespace sift {
namespace {

void configure_mixtral(const JsonFields& fields, ModelConfig& config) {
  read_common_keys(fields, config);
  slide_every_layer(fields, config);
  read_experts(fields, config);
  config.experts.norm_topk_prob = true;
  config.experts.float_weights = true;
  config.experts.block = "block_sparse_moe";
  config.experts.gate = "w1";
  config.experts.up = "w3";
  config.experts.down = "w2";
  if (fields.number_or("router_jitter_noise", 0.0) != 0.0) {
    fields.fail("router_jitter_noise", "noise is not supported: set it to 0");
  }
}

}  // namespace

Architecture mixtral_architecture() {
  return {"mixtral",
          "MixtralForCausalLM",
          {{"num_key_value_heads", 8},
           {"max_position_embeddings", 131072},
           {"rms_norm_eps", 1e-5},
           {"rope_theta", 1e6},
           {"num_local_experts", 8},
           {"num_experts_per_tok", 2},
           {"router_aux_loss_coef", 0.001},
           {"bos_token_id", 1},
           {"eos_token_id", 2}},
          configure_mixtral};
}

}  // namespace sift
