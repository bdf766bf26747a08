#include <fmt/format.h>

#include <utility>

#include "model/weights/parameter.h"

namespace sift {
namespace {

using Init = ParameterSpec::Init;
using Specs = std::vector<ParameterSpec>;

void add_linear(Specs& specs, const std::string& name, std::int64_t out, std::int64_t in, bool bias) {
  specs.push_back({name + ".weight", {out, in}, Init::kNormal, {}});
  if (bias) specs.push_back({name + ".bias", {out}, Init::kZero, {}});
}

/// A norm whose initial factor is one.
void add_norm(Specs& specs, const std::string& name, std::int64_t size, const ModelConfig& config) {
  const Init init = config.norm_weight == NormWeight::kOffset ? Init::kZero : Init::kOne;
  specs.push_back({name + ".weight", {size}, init, {}});
}

void add_attention(Specs& specs, const std::string& prefix, const ModelConfig& config) {
  const std::int64_t hidden = config.hidden_size;
  const std::int64_t q_size = config.num_attention_heads * config.head_dim;
  const std::int64_t kv_size = config.num_key_value_heads * config.head_dim;
  if (config.fused_projections) {
    add_linear(specs, prefix + "o_proj", hidden, q_size, config.o_bias);
    add_linear(specs, prefix + "qkv_proj", q_size + 2 * kv_size, hidden, config.qkv_bias);
    return;
  }
  add_linear(specs, prefix + "q_proj", q_size, hidden, config.qkv_bias);
  add_linear(specs, prefix + "k_proj", kv_size, hidden, config.qkv_bias);
  add_linear(specs, prefix + "v_proj", kv_size, hidden, config.qkv_bias);
  add_linear(specs, prefix + "o_proj", hidden, q_size, config.o_bias);
  if (config.qk_norm == QkNorm::kNone) return;
  const bool per_head = config.qk_norm == QkNorm::kHead;
  add_norm(specs, prefix + "q_norm", per_head ? config.head_dim : q_size, config);
  add_norm(specs, prefix + "k_norm", per_head ? config.head_dim : kv_size, config);
}

void add_mlp(Specs& specs, const std::string& prefix, const ModelConfig& config, std::int64_t size) {
  if (config.fused_projections) {
    add_linear(specs, prefix + "gate_up_proj", 2 * size, config.hidden_size, config.mlp_bias);
  } else {
    add_linear(specs, prefix + "gate_proj", size, config.hidden_size, config.mlp_bias);
    add_linear(specs, prefix + "up_proj", size, config.hidden_size, config.mlp_bias);
  }
  add_linear(specs, prefix + "down_proj", config.hidden_size, size, config.mlp_bias);
}

/// The gate and up projections of all experts are one parameter, the down projections another; files store
/// them one by one.
void add_expert_weights(Specs& specs, const std::string& layer, const ModelConfig& config) {
  const ExpertOptions& experts = config.experts;
  const std::int64_t hidden = config.hidden_size, size = experts.intermediate_size;
  ParameterSpec gate_up{
      layer + "mlp.experts.gate_up_proj", {experts.num_experts, 2 * size, hidden}, Init::kNormal, {}};
  ParameterSpec down{layer + "mlp.experts.down_proj", {experts.num_experts, hidden, size}, Init::kNormal, {}};
  for (std::int64_t e = 0; e < experts.num_experts; ++e) {
    const std::string expert = fmt::format("{}{}.experts.{}.", layer, experts.block, e);
    gate_up.parts.push_back({expert + experts.gate + ".weight", {size, hidden}, e, 0});
    gate_up.parts.push_back({expert + experts.up + ".weight", {size, hidden}, e, size});
    down.parts.push_back({expert + experts.down + ".weight", {hidden, size}, e, 0});
  }
  specs.push_back(std::move(gate_up));
  specs.push_back(std::move(down));
}

void add_experts(Specs& specs, const std::string& layer, const ModelConfig& config) {
  const ExpertOptions& experts = config.experts;
  const std::vector<std::int64_t> shape = {experts.num_experts, config.hidden_size};
  const ParameterSpec router{layer + "mlp.gate.weight",
                             shape,
                             Init::kNormal,
                             {{fmt::format("{}{}.gate.weight", layer, experts.block), shape}}};
  if (experts.router_first) specs.push_back(router);
  add_expert_weights(specs, layer, config);
  if (!experts.router_first) specs.push_back(router);
  if (experts.shared_intermediate_size == 0) return;
  add_mlp(specs, layer + "mlp.shared_expert.", config, experts.shared_intermediate_size);
  add_linear(specs, layer + "mlp.shared_expert_gate", 1, config.hidden_size, false);
}

}  // namespace

at::Tensor FileTensor::of(const at::Tensor& parameter) const {
  return expert < 0 ? parameter : parameter.select(0, expert).narrow(0, first_row, shape.front());
}

std::vector<FileTensor> ParameterSpec::file_tensors() const {
  if (!parts.empty()) return parts;
  return {{name, shape}};
}

LayerNormNames layer_norm_names(NormPlace place) {
  if (place == NormPlace::kBefore) return {"input_layernorm", "", "post_attention_layernorm", ""};
  if (place == NormPlace::kAfter) return {"", "post_attention_layernorm", "", "post_feedforward_layernorm"};
  return {"input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm",
          "post_feedforward_layernorm"};
}

std::vector<ParameterSpec> parameter_specs(const ModelConfig& config) {
  const LayerNormNames norms = layer_norm_names(config.norm_place);
  Specs specs;
  specs.push_back({"model.embed_tokens.weight", {config.vocab_size, config.hidden_size}, Init::kNormal, {}});
  for (std::int64_t i = 0; i < config.num_hidden_layers; ++i) {
    const std::string prefix = fmt::format("model.layers.{}.", i);
    add_attention(specs, prefix + "self_attn.", config);
    if (config.has_experts(i)) {
      add_experts(specs, prefix, config);
    } else {
      add_mlp(specs, prefix + "mlp.", config, config.intermediate_size);
    }
    for (const std::string& norm :
         {norms.before_attention, norms.after_attention, norms.before_mlp, norms.after_mlp}) {
      if (!norm.empty()) add_norm(specs, prefix + norm, config.hidden_size, config);
    }
  }
  add_norm(specs, "model.norm", config.hidden_size, config);
  if (!config.tie_word_embeddings) add_linear(specs, "lm_head", config.vocab_size, config.hidden_size, false);
  return specs;
}

}  // namespace sift
