#include "model/decoder_layer.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include "ops/attention.h"
#include "ops/rms_norm.h"
#include "ops/rotary.h"
#include "ops/swiglu.h"

// Shape suffixes: n tokens, h hidden size, a heads, k key/value heads, d head_dim, l tokens of a cached
// document.

namespace sift {
namespace {

Linear linear(const TensorsByName& tensors, const std::string& name) {
  const auto bias = tensors.find(name + ".bias");
  return {tensors.at(name + ".weight"), bias == tensors.end() ? at::Tensor() : bias->second};
}

}  // namespace

at::Tensor Linear::operator()(const at::Tensor& x) const {
  return bias.defined() ? at::linear(x, weight, bias) : at::linear(x, weight);
}

DecoderLayer::DecoderLayer(const ModelConfig& config, std::int64_t index, const TensorsByName& tensors)
    : index_(index),
      num_heads_(config.num_attention_heads),
      num_kv_heads_(config.num_key_value_heads),
      head_dim_(config.head_dim),
      norm_eps_(config.rms_norm_eps) {
  const std::string prefix = fmt::format("model.layers.{}.", index);
  input_norm_h_ = tensors.at(prefix + "input_layernorm.weight");
  post_attention_norm_h_ = tensors.at(prefix + "post_attention_layernorm.weight");
  q_proj_ = linear(tensors, prefix + "self_attn.q_proj");
  k_proj_ = linear(tensors, prefix + "self_attn.k_proj");
  v_proj_ = linear(tensors, prefix + "self_attn.v_proj");
  o_proj_ = linear(tensors, prefix + "self_attn.o_proj");
  gate_proj_ = linear(tensors, prefix + "mlp.gate_proj");
  up_proj_ = linear(tensors, prefix + "mlp.up_proj");
  down_proj_ = linear(tensors, prefix + "mlp.down_proj");
}

at::Tensor DecoderLayer::forward(const at::Tensor& hidden_nh, const LayerContext& context) const {
  const at::Tensor attended_nh =
      hidden_nh + attention(rms_norm(hidden_nh, input_norm_h_, norm_eps_), context);
  return attended_nh + mlp(rms_norm(attended_nh, post_attention_norm_h_, norm_eps_));
}

at::Tensor DecoderLayer::attention(const at::Tensor& x_nh, const LayerContext& context) const {
  const auto& [cos_nf, sin_nf] = context.rotary;
  const at::Tensor q_nad = rotary(q_proj_(x_nh).unflatten(1, {num_heads_, head_dim_}), cos_nf, sin_nf);
  const at::Tensor k_nkd = rotary(k_proj_(x_nh).unflatten(1, {num_kv_heads_, head_dim_}), cos_nf, sin_nf);
  const at::Tensor v_nkd = v_proj_(x_nh).unflatten(1, {num_kv_heads_, head_dim_});
  if (context.cache == nullptr)
    return o_proj_(document_attention(q_nad, k_nkd, v_nkd, context.document_starts));
  const auto [k_lkd, v_lkd] = context.cache->append(index_, k_nkd, v_nkd);
  return o_proj_(tail_attention(q_nad, k_lkd, v_lkd));
}

at::Tensor DecoderLayer::mlp(const at::Tensor& x_nh) const {
  return down_proj_(swiglu(gate_proj_(x_nh), up_proj_(x_nh)));
}

}  // namespace sift
