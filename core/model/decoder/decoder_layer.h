#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "model/decoder/feed_forward.h"
#include "model/decoder/linear.h"
#include "model/decoder/rope.h"
#include "model/generate/key_value_cache.h"
#include "model/model_config.h"
#include "ops/attention.h"

namespace sift {

/// What all layers of one forward pass share.
struct LayerContext {
  RotaryTables rotary;
  RotaryTables sliding_rotary;  ///< for the layers that have a sliding window; the same, or other angles
  std::vector<std::int64_t> document_starts;      ///< where each document starts, and N
  std::shared_ptr<SharedWindowMask> window_mask;  ///< for the layers that have a sliding window
  KeyValueCache* cache = nullptr;  ///< set when generating: the tokens continue the cached document
  std::shared_ptr<LoadBalancingLoss> balance;  ///< set when the experts' load-balancing loss is wanted
};

/// One decoder layer: h += attention(norm(h)), then h += mlp(norm(h)), where the mlp may be a mixture of
/// experts and the norms may stand after the two, or around them.
class DecoderLayer {
 public:
  /// Takes its weights, named "model.layers.<index>.*", out of `tensors`.
  DecoderLayer(const ModelConfig& config, std::int64_t index, const TensorsByName& tensors);

  at::Tensor forward(const at::Tensor& hidden_nh, const LayerContext& context) const;

 private:
  struct Projected {
    at::Tensor q, k, v;
  };
  Projected projected(const ProjectionInput& x_nh) const;
  /// A projection, split into heads, normed and clipped where the family does so.
  at::Tensor heads(at::Tensor y, const at::Tensor& norm) const;
  at::Tensor normed(const at::Tensor& x, const at::Tensor& weight) const;
  /// h + after(part(before(h))), where an undefined norm is none.
  at::Tensor added(const at::Tensor& hidden_nh, const at::Tensor& before_h, const at::Tensor& after_h,
                   const std::function<at::Tensor(const ProjectionInput&)>& part) const;
  at::Tensor attention(const ProjectionInput& x_nh, const LayerContext& context) const;
  at::Tensor feed_forward(const ProjectionInput& x_nh, const LayerContext& context) const;

  std::int64_t index_ = 0;
  std::int64_t head_dim_ = 0;
  double norm_eps_ = 0.0;
  NormWeight norm_weight_ = NormWeight::kScale;
  double residual_scale_ = 1.0;
  QkNorm qk_norm_ = QkNorm::kNone;
  double clip_qkv_ = 0.0;
  AttentionOptions attention_;
  // undefined where the family has none
  at::Tensor before_attention_h_, after_attention_h_, before_mlp_h_, after_mlp_h_;
  at::Tensor q_norm_, k_norm_;
  Linear q_proj_, k_proj_, v_proj_, o_proj_;
  Linear qkv_proj_;         ///< instead of the three, where they are one parameter
  std::optional<Mlp> mlp_;  ///< either this or the experts
  std::optional<Experts> experts_;
};

}  // namespace sift
