#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "model/decoder/layer_context.h"
#include "model/decoder/linear.h"
#include "model/model_config.h"
#include "ops/attention.h"

// Shape suffixes: n tokens, h hidden size.

namespace sift {

/// o(attention(rotary(heads(q(x))), rotary(heads(k(x))), heads(v(x)))), where the family may norm or clip
/// queries and keys, and limit attention to a window.
class SelfAttention {
 public:
  /// Takes "<prefix>q_proj.*", "<prefix>k_proj.*" and "<prefix>v_proj.*", or the three as
  /// "<prefix>qkv_proj.*", and "<prefix>o_proj.*", "<prefix>q_norm.weight" and "<prefix>k_norm.weight".
  SelfAttention(const ModelConfig& config, std::int64_t layer, const ModelWeights& weights,
                const std::string& prefix);
  at::Tensor forward(const ProjectionInput& x_nh, const LayerContext& context) const;

 private:
  struct Projected {
    at::Tensor q, k, v;
  };
  Projected projected(const ProjectionInput& x_nh, DropoutSeed dropout) const;
  /// A projection, split into heads, normed and clipped where the family does so.
  at::Tensor heads(at::Tensor y, const at::Tensor& norm) const;
  at::Tensor normed(const at::Tensor& x, const at::Tensor& weight) const;

  std::int64_t layer_ = 0;
  std::int64_t head_dim_ = 0;
  double norm_eps_ = 0.0;
  NormWeight norm_weight_ = NormWeight::kScale;
  QkNorm qk_norm_ = QkNorm::kNone;
  double clip_qkv_ = 0.0;
  AttentionOptions attention_;
  at::Tensor q_norm_, k_norm_;  ///< undefined where the family has none
  Linear q_proj_, k_proj_, v_proj_, o_proj_;
  Linear qkv_proj_;  ///< instead of the three, where they are one parameter
};

}  // namespace sift
