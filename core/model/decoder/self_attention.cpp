#include "model/decoder/self_attention.h"

#include <ATen/Functions.h>

#include "ops/rms_norm.h"
#include "ops/rotary.h"

// Shape suffixes: n tokens, h hidden size, a heads, k key/value heads, d head_dim, l tokens of a cached
// document.

namespace sift {

SelfAttention::SelfAttention(const ModelConfig& config, std::int64_t layer, const ModelWeights& weights,
                             const std::string& prefix)
    : layer_(layer),
      head_dim_(config.head_dim),
      norm_eps_(config.rms_norm_eps),
      norm_weight_(config.norm_weight),
      qk_norm_(config.qk_norm),
      clip_qkv_(config.clip_qkv),
      attention_{config.sliding_window(layer), config.attention_scale, {}, config.attention_softcap},
      o_proj_(Linear::from(weights, prefix + "o_proj")) {
  if (qk_norm_ != QkNorm::kNone) {
    q_norm_ = weights.at(prefix + "q_norm.weight");
    k_norm_ = weights.at(prefix + "k_norm.weight");
  }
  if (config.fused_projections) {
    qkv_proj_ = Linear::from(weights, prefix + "qkv_proj");
  } else {
    q_proj_ = Linear::from(weights, prefix + "q_proj");
    k_proj_ = Linear::from(weights, prefix + "k_proj");
    v_proj_ = Linear::from(weights, prefix + "v_proj");
  }
}

SelfAttention::Projected SelfAttention::projected(const ProjectionInput& x_nh, DropoutSeed dropout) const {
  if (!qkv_proj_) {
    const std::vector<at::Tensor> three = project(x_nh, {q_proj_, k_proj_, v_proj_}, dropout);
    return {three[0], three[1], three[2]};
  }
  const std::int64_t q_size = o_proj_.in_features(), kv_size = (qkv_proj_.out_features() - q_size) / 2;
  const std::vector<at::Tensor> parts =
      qkv_proj_(x_nh, dropout).split_with_sizes({q_size, kv_size, kv_size}, 1);
  return {parts[0], parts[1], parts[2]};
}

at::Tensor SelfAttention::normed(const at::Tensor& x, const at::Tensor& weight) const {
  return weight.defined() ? rms_norm(x, weight, norm_eps_, norm_weight_) : x;
}

at::Tensor SelfAttention::heads(at::Tensor y, const at::Tensor& norm) const {
  if (qk_norm_ == QkNorm::kProjection) y = normed(y, norm);
  if (clip_qkv_ > 0) y = y.clamp(-clip_qkv_, clip_qkv_);
  const at::Tensor y_nad = y.unflatten(1, {-1, head_dim_});
  return qk_norm_ == QkNorm::kHead ? normed(y_nad, norm) : y_nad;
}

at::Tensor SelfAttention::forward(const ProjectionInput& x_nh, const LayerContext& context) const {
  const Projected projections = projected(x_nh, context.dropout);
  const auto& [cos_nf, sin_nf] = attention_.window > 0 ? context.sliding_rotary : context.rotary;
  const at::Tensor q_nad = rotary(heads(projections.q, q_norm_), cos_nf, sin_nf);
  const at::Tensor k_nkd = rotary(heads(projections.k, k_norm_), cos_nf, sin_nf);
  const at::Tensor v_nkd = heads(projections.v, {});
  if (context.cache == nullptr) {
    AttentionOptions options = attention_;
    options.window_mask = context.window_mask;
    const at::Tensor out_nh = context.whole
                                  ? context_attention(q_nad, k_nkd, v_nkd, *context.whole, options)
                                  : document_attention(q_nad, k_nkd, v_nkd, context.document_starts, options);
    return o_proj_(ProjectionInput::given(out_nh), context.dropout);
  }
  const auto [k_lkd, v_lkd] = context.cache->append(layer_, k_nkd, v_nkd);
  return o_proj_(tail_attention(q_nad, k_lkd, v_lkd, attention_));
}

}  // namespace sift
