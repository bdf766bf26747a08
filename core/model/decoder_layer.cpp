#include "model/decoder_layer.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include "model/parameter.h"
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
      norm_after_(config.norm_after),
      residual_scale_(config.residual_scale),
      qk_norm_(config.qk_norm),
      clip_qkv_(config.clip_qkv),
      attention_{config.sliding_window(index), config.attention_scale, {}} {
  const std::string prefix = fmt::format("model.layers.{}.", index);
  const auto [attention_norm, mlp_norm] = layer_norm_names(config);
  attention_norm_h_ = tensors.at(prefix + attention_norm + ".weight");
  mlp_norm_h_ = tensors.at(prefix + mlp_norm + ".weight");
  if (qk_norm_ != QkNorm::kNone) {
    q_norm_ = tensors.at(prefix + "self_attn.q_norm.weight");
    k_norm_ = tensors.at(prefix + "self_attn.k_norm.weight");
  }
  q_proj_ = Linear::from(tensors, prefix + "self_attn.q_proj");
  k_proj_ = Linear::from(tensors, prefix + "self_attn.k_proj");
  v_proj_ = Linear::from(tensors, prefix + "self_attn.v_proj");
  o_proj_ = Linear::from(tensors, prefix + "self_attn.o_proj");
  if (config.has_experts(index)) {
    experts_.emplace(config, index, tensors, prefix + "mlp.");
  } else {
    mlp_.emplace(tensors, prefix + "mlp.");
  }
}

at::Tensor DecoderLayer::forward(const at::Tensor& hidden_nh, const LayerContext& context) const {
  const auto added = [this](const at::Tensor& h_nh, const at::Tensor& norm_h, const auto& part) {
    const at::Tensor y_nh =
        norm_after_ ? rms_norm(part(h_nh), norm_h, norm_eps_) : part(rms_norm(h_nh, norm_h, norm_eps_));
    return h_nh + (residual_scale_ == 1.0 ? y_nh : y_nh * residual_scale_);
  };
  const at::Tensor attended_nh =
      added(hidden_nh, attention_norm_h_, [&](const at::Tensor& x_nh) { return attention(x_nh, context); });
  return added(attended_nh, mlp_norm_h_, [&](const at::Tensor& x_nh) { return feed_forward(x_nh, context); });
}

at::Tensor DecoderLayer::feed_forward(const at::Tensor& x_nh, const LayerContext& context) const {
  return experts_ ? experts_->forward(x_nh, context.balance) : mlp_->forward(x_nh);
}

at::Tensor DecoderLayer::heads(const Linear& proj, const at::Tensor& norm, const at::Tensor& x_nh) const {
  at::Tensor y = proj(x_nh);
  if (norm.defined() && qk_norm_ == QkNorm::kProjection) y = rms_norm(y, norm, norm_eps_);
  if (clip_qkv_ > 0) y = y.clamp(-clip_qkv_, clip_qkv_);
  const at::Tensor y_nad = y.unflatten(1, {-1, head_dim_});
  return norm.defined() && qk_norm_ == QkNorm::kHead ? rms_norm(y_nad, norm, norm_eps_) : y_nad;
}

at::Tensor DecoderLayer::attention(const at::Tensor& x_nh, const LayerContext& context) const {
  const auto& [cos_nf, sin_nf] = context.rotary;
  const at::Tensor q_nad = rotary(heads(q_proj_, q_norm_, x_nh), cos_nf, sin_nf);
  const at::Tensor k_nkd = rotary(heads(k_proj_, k_norm_, x_nh), cos_nf, sin_nf);
  const at::Tensor v_nkd = heads(v_proj_, {}, x_nh);
  if (context.cache == nullptr) {
    AttentionOptions options = attention_;
    options.window_mask = context.window_mask;
    return o_proj_(document_attention(q_nad, k_nkd, v_nkd, context.document_starts, options));
  }
  const auto [k_lkd, v_lkd] = context.cache->append(index_, k_nkd, v_nkd);
  return o_proj_(tail_attention(q_nad, k_lkd, v_lkd, attention_));
}

}  // namespace sift
