#include "model/common_keys.h"
#include "model/families/architectures.h"

namespace sift {
namespace {

void configure_llama(const JsonFields& fields, ModelConfig& config) {
  read_common_keys(fields, config);
  config.qkv_bias = config.o_bias = fields.flag_or("attention_bias", false);
  config.mlp_bias = fields.flag_or("mlp_bias", false);
  if (fields.integer_or("pretraining_tp", 1) != 1) {
    fields.fail("pretraining_tp", "sliced projections are not supported: set it to 1");
  }
}

}  // namespace

Architecture llama_architecture() {
  return {"llama", "LlamaForCausalLM", {{"bos_token_id", 1}, {"eos_token_id", 2}}, configure_llama};
}

}  // namespace sift
