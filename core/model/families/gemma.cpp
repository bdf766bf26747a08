#include <cmath>

#include "model/common_keys.h"
#include "model/families/architectures.h"

namespace sift {
namespace {

/// The keys common to Gemma 2 and 3.
void configure_gemma(const JsonFields& fields, ModelConfig& config, std::int64_t full_attention_period) {
  read_common_keys(fields, config, "hidden_activation");
  config.qkv_bias = config.o_bias = fields.flag_or("attention_bias", false);
  config.norm_place = NormPlace::kAround;
  config.norm_weight = NormWeight::kOffset;
  config.embedding_scale = std::sqrt(static_cast<double>(config.hidden_size));
  config.rounds_embedding_scale = true;
  const double query_scalar = positive_number_or_none(fields, "query_pre_attn_scalar");
  if (query_scalar == 0) fields.fail("query_pre_attn_scalar", "expected a number above 0");
  config.attention_scale = 1.0 / std::sqrt(query_scalar);
  config.final_logit_softcap = positive_number_or_none(fields, "final_logit_softcapping");
  const std::int64_t window = fields.has("sliding_window") ? fields.positive("sliding_window") : 0;
  slide_layers(fields, config, window,
               [=](std::int64_t layer) { return (layer + 1) % full_attention_period != 0; });
  if (fields.flag_or("use_bidirectional_attention", false)) {
    fields.fail("use_bidirectional_attention", "a language model uses causal attention: set it to false");
  }
}

void configure_gemma2(const JsonFields& fields, ModelConfig& config) {
  configure_gemma(fields, config, 2);
  config.attention_softcap = positive_number_or_none(fields, "attn_logit_softcapping");
}

void configure_gemma3(const JsonFields& fields, ModelConfig& config) {
  configure_gemma(fields, config, fields.positive_or("sliding_window_pattern", 6));
  config.qk_norm = QkNorm::kHead;
  if (fields.has("attn_logit_softcapping")) {
    fields.fail("attn_logit_softcapping", "the attention of Gemma 3 has no softcap: set it to null");
  }
}

/// One set of parameters for each type of layer: in `rope_parameters`, or in the keys of older files.
void read_gemma3_rope(const JsonFields& fields, ModelConfig& config) {
  const nlohmann::ordered_json none = nlohmann::ordered_json::object();
  const auto plain = nlohmann::ordered_json::object({{"rope_type", "default"}});
  const JsonFields layered = fields.at_or("rope_parameters", none);
  const auto read = [&](const char* layer_type, const char* theta_key, const JsonFields& scaling) {
    const JsonFields found = layered.at_or(layer_type, plain);
    nlohmann::ordered_json json = found.object();
    json.update(scaling.object());
    const JsonFields parameters(json, found.file(), found.path());
    if (!parameters.has("rope_theta")) json["rope_theta"] = fields.number(theta_key);
    return read_rope_parameters(fields, parameters, config);
  };
  const std::string keys = "expected \"full_attention\" and \"sliding_attention\", each with its parameters";
  for (const auto& [key, value] : layered.object().items()) {
    if (key != "full_attention" && key != "sliding_attention") fields.fail("rope_parameters", keys);
  }
  config.rope = read("full_attention", "rope_theta", fields.at_or("rope_scaling", none));
  config.sliding_rope = read("sliding_attention", "rope_local_base_freq", JsonFields(none));
}

nlohmann::ordered_json gemma_defaults() {
  return {{"num_key_value_heads", 4},
          {"num_attention_heads", 8},
          {"head_dim", 256},
          {"hidden_activation", "gelu_pytorch_tanh"},
          {"pad_token_id", 0},
          {"eos_token_id", 1},
          {"bos_token_id", 2},
          {"tie_word_embeddings", true},
          {"query_pre_attn_scalar", 256},
          {"sliding_window", 4096}};
}

}  // namespace

nlohmann::ordered_json language_model_config(const nlohmann::ordered_json& json, const std::string& name) {
  const JsonFields outer(json, name);
  if (!outer.has("model_type") || outer.value("model_type") != "gemma3") return json;
  nlohmann::ordered_json text = outer.at("text_config").object();
  const JsonFields inner(text, name);
  for (const char* key : {"bos_token_id", "eos_token_id", "pad_token_id", "dtype", "torch_dtype",
                          "tie_word_embeddings", "quantization_config"}) {
    if (outer.has(key) && !inner.has(key)) text[key] = outer.value(key);
  }
  text["model_type"] = "gemma3_text";
  text["architectures"] = {"Gemma3ForCausalLM"};
  return text;
}

Architecture gemma2_architecture() {
  nlohmann::ordered_json silent = gemma_defaults();
  silent.update({{"max_position_embeddings", 8192},
                 {"final_logit_softcapping", 30.0},
                 {"attn_logit_softcapping", 50.0}});
  return {"gemma2", "Gemma2ForCausalLM", silent, configure_gemma2};
}

Architecture gemma3_architecture() {
  nlohmann::ordered_json silent = gemma_defaults();
  silent.update({{"vocab_size", 262208},
                 {"max_position_embeddings", 131072},
                 {"rope_theta", 1e6},
                 {"rope_local_base_freq", 1e4}});
  return {"gemma3_text", "Gemma3ForCausalLM", silent, configure_gemma3, read_gemma3_rope};
}

}  // namespace sift
