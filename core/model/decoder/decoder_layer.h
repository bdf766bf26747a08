#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "model/decoder/experts.h"
#include "model/decoder/layer_context.h"
#include "model/decoder/linear.h"
#include "model/decoder/mlp.h"
#include "model/decoder/self_attention.h"
#include "model/model_config.h"

namespace sift {

/// One decoder layer: h += attention(norm(h)), then h += mlp(norm(h)), where the mlp may be a mixture of
/// experts and the norms may come after the two, or before and after them.
class DecoderLayer {
 public:
  /// Takes its weights, named "model.layers.<index>.*", out of `weights`.
  DecoderLayer(const ModelConfig& config, std::int64_t index, const ModelWeights& weights);

  at::Tensor forward(const at::Tensor& hidden_nh, const LayerContext& context) const;

 private:
  /// h + after(part(before(h))), where an undefined norm is none.
  at::Tensor added(const at::Tensor& hidden_nh, const at::Tensor& before_h, const at::Tensor& after_h,
                   const std::function<at::Tensor(const ProjectionInput&)>& part) const;
  at::Tensor feed_forward(const ProjectionInput& x_nh, const LayerContext& context) const;

  double norm_eps_ = 0.0;
  NormWeight norm_weight_ = NormWeight::kScale;
  double residual_scale_ = 1.0;
  // undefined where the family has none
  at::Tensor before_attention_h_, after_attention_h_, before_mlp_h_, after_mlp_h_;
  SelfAttention attention_;
  std::optional<Mlp> mlp_;  ///< either this or the experts
  std::optional<Experts> experts_;
};

}  // namespace sift
