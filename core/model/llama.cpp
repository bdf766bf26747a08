#include "model/architectures.h"

namespace sift {
namespace {

void configure_llama(const JsonFields& fields, ModelConfig& config) {
  config.attention_bias = fields.flag_or("attention_bias", false);
  config.mlp_bias = fields.flag_or("mlp_bias", false);
  config.tie_word_embeddings = fields.flag_or("tie_word_embeddings", false);
  if (config.hidden_act != "silu") fields.fail("hidden_act", "supported: \"silu\"");
  if (fields.number_or("attention_dropout", 0.0) != 0.0) {
    fields.fail("attention_dropout", "dropout is not supported: set it to 0");
  }
  if (fields.integer_or("pretraining_tp", 1) != 1) {
    fields.fail("pretraining_tp", "sliced projections are not supported: set it to 1");
  }
  // What LlamaConfig of transformers assumes when a file is silent; an explicit null means none.
  if (!config.raw.contains("bos_token_id") && !config.bos_token_id) config.bos_token_id = 1;
  if (!config.raw.contains("eos_token_id") && config.eos_token_ids.empty()) config.eos_token_ids = {2};
}

}  // namespace

Architecture llama_architecture() {
  return {"llama", "LlamaForCausalLM", configure_llama};
}

}  // namespace sift
