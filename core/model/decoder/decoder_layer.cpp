#include "model/decoder/decoder_layer.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include "model/weights/parameter.h"
#include "ops/attention.h"
#include "ops/rms_norm.h"
#include "ops/rotary.h"

// Shape suffixes: n tokens, h hidden size, a heads, k key/value heads, d head_dim, l tokens of a cached
// document.

namespace sift {

DecoderLayer::DecoderLayer(const ModelConfig& config, std::int64_t index, const TensorsByName& tensors)
    : index_(index),
      head_dim_(config.head_dim),
      norm_eps_(config.rms_norm_eps),
      norm_weight_(config.norm_weight),
      residual_scale_(config.residual_scale),
      qk_norm_(config.qk_norm),
      clip_qkv_(config.clip_qkv),
      attention_{config.sliding_window(index), config.attention_scale, {}, config.attention_softcap} {
  const std::string prefix = fmt::format("model.layers.{}.", index);
  const LayerNormNames norms = layer_norm_names(config.norm_place);
  const auto norm = [&](const std::string& name) {
    return name.empty() ? at::Tensor() : tensors.at(prefix + name + ".weight");
  };
  before_attention_h_ = norm(norms.before_attention);
  after_attention_h_ = norm(norms.after_attention);
  before_mlp_h_ = norm(norms.before_mlp);
  after_mlp_h_ = norm(norms.after_mlp);
  if (qk_norm_ != QkNorm::kNone) {
    q_norm_ = tensors.at(prefix + "self_attn.q_norm.weight");
    k_norm_ = tensors.at(prefix + "self_attn.k_norm.weight");
  }
  if (config.fused_projections) {
    qkv_proj_ = Linear::from(tensors, prefix + "self_attn.qkv_proj");
  } else {
    q_proj_ = Linear::from(tensors, prefix + "self_attn.q_proj");
    k_proj_ = Linear::from(tensors, prefix + "self_attn.k_proj");
    v_proj_ = Linear::from(tensors, prefix + "self_attn.v_proj");
  }
  o_proj_ = Linear::from(tensors, prefix + "self_attn.o_proj");
  if (config.has_experts(index)) {
    experts_.emplace(config, index, tensors, prefix + "mlp.");
  } else {
    mlp_.emplace(tensors, prefix + "mlp.", config);
  }
}

at::Tensor DecoderLayer::forward(const at::Tensor& hidden_nh, const LayerContext& context) const {
  const at::Tensor attended_nh = added(hidden_nh, before_attention_h_, after_attention_h_,
                                       [&](const ProjectionInput& x_nh) { return attention(x_nh, context); });
  return added(attended_nh, before_mlp_h_, after_mlp_h_,
               [&](const ProjectionInput& x_nh) { return feed_forward(x_nh, context); });
}

at::Tensor DecoderLayer::added(const at::Tensor& hidden_nh, const at::Tensor& before_h,
                               const at::Tensor& after_h,
                               const std::function<at::Tensor(const ProjectionInput&)>& part) const {
  const auto x_nh = ProjectionInput::normed(hidden_nh, before_h, norm_eps_, norm_weight_);
  const at::Tensor y_nh = normed(part(x_nh), after_h);
  return hidden_nh + (residual_scale_ == 1.0 ? y_nh : y_nh * residual_scale_);
}

at::Tensor DecoderLayer::normed(const at::Tensor& x, const at::Tensor& weight) const {
  return weight.defined() ? rms_norm(x, weight, norm_eps_, norm_weight_) : x;
}

at::Tensor DecoderLayer::feed_forward(const ProjectionInput& x_nh, const LayerContext& context) const {
  return experts_ ? experts_->forward(x_nh.tensor(), context.balance) : mlp_->forward(x_nh);
}

DecoderLayer::Projected DecoderLayer::projected(const ProjectionInput& x_nh) const {
  if (!qkv_proj_.weight.defined()) {
    const std::vector<at::Tensor> three = project(x_nh, {q_proj_, k_proj_, v_proj_});
    return {three[0], three[1], three[2]};
  }
  const at::Tensor all = project(x_nh, {qkv_proj_})[0];
  const std::int64_t q_size = o_proj_.weight.size(1), kv_size = (all.size(1) - q_size) / 2;
  const std::vector<at::Tensor> parts = all.split_with_sizes({q_size, kv_size, kv_size}, 1);
  return {parts[0], parts[1], parts[2]};
}

at::Tensor DecoderLayer::heads(at::Tensor y, const at::Tensor& norm) const {
  if (qk_norm_ == QkNorm::kProjection) y = normed(y, norm);
  if (clip_qkv_ > 0) y = y.clamp(-clip_qkv_, clip_qkv_);
  const at::Tensor y_nad = y.unflatten(1, {-1, head_dim_});
  return qk_norm_ == QkNorm::kHead ? normed(y_nad, norm) : y_nad;
}

at::Tensor DecoderLayer::attention(const ProjectionInput& x_nh, const LayerContext& context) const {
  const Projected projections = projected(x_nh);
  const auto& [cos_nf, sin_nf] = attention_.window > 0 ? context.sliding_rotary : context.rotary;
  const at::Tensor q_nad = rotary(heads(projections.q, q_norm_), cos_nf, sin_nf);
  const at::Tensor k_nkd = rotary(heads(projections.k, k_norm_), cos_nf, sin_nf);
  const at::Tensor v_nkd = heads(projections.v, {});
  if (context.cache == nullptr) {
    AttentionOptions options = attention_;
    options.window_mask = context.window_mask;
    const at::Tensor out_nh = document_attention(q_nad, k_nkd, v_nkd, context.document_starts, options);
    return project(ProjectionInput::given(out_nh), {o_proj_})[0];
  }
  const auto [k_lkd, v_lkd] = context.cache->append(index_, k_nkd, v_nkd);
  return o_proj_(tail_attention(q_nad, k_lkd, v_lkd, attention_));
}

}  // namespace sift
