#include "model/common_keys.h"
#include "model/families/architectures.h"

namespace sift {
namespace {

void configure_granite(const JsonFields& fields, ModelConfig& config) {
  read_common_keys(fields, config);
  config.qkv_bias = config.o_bias = fields.flag_or("attention_bias", false);
  config.mlp_bias = fields.flag_or("mlp_bias", false);
  config.embedding_scale = fields.number_or("embedding_multiplier", 1.0);
  config.residual_scale = fields.number_or("residual_multiplier", 1.0);
  config.attention_scale = fields.number_or("attention_multiplier", 1.0);
  const double divisor = fields.number_or("logits_scaling", 1.0);
  if (divisor == 0) fields.fail("logits_scaling", "expected a number other than 0");
  config.logit_scale = 1.0 / divisor;
}

}  // namespace

Architecture granite_architecture() {
  return {"granite", "GraniteForCausalLM", {{"bos_token_id", 1}, {"eos_token_id", 2}}, configure_granite};
}

}  // namespace sift
