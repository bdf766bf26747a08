#include "model/decoder/decoder_layer.h"

#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include "model/weights/parameter.h"
#include "ops/rms_norm.h"

// Shape suffixes: n tokens, h hidden size.

namespace sift {
namespace {

std::string prefix_of(std::int64_t index) {
  return fmt::format("model.layers.{}.", index);
}

}  // namespace

DecoderLayer::DecoderLayer(const ModelConfig& config, std::int64_t index, const ModelWeights& weights)
    : norm_eps_(config.rms_norm_eps),
      norm_weight_(config.norm_weight),
      residual_scale_(config.residual_scale),
      attention_(config, index, weights, prefix_of(index) + "self_attn.") {
  const std::string prefix = prefix_of(index);
  const LayerNormNames norms = layer_norm_names(config.norm_place);
  const auto norm = [&](const std::string& name) {
    return name.empty() ? at::Tensor() : weights.at(prefix + name + ".weight");
  };
  before_attention_h_ = norm(norms.before_attention);
  after_attention_h_ = norm(norms.after_attention);
  before_mlp_h_ = norm(norms.before_mlp);
  after_mlp_h_ = norm(norms.after_mlp);
  if (config.has_experts(index)) {
    experts_.emplace(config, index, weights, prefix + "mlp.");
  } else {
    mlp_.emplace(config, weights, prefix + "mlp.");
  }
}

at::Tensor DecoderLayer::forward(const at::Tensor& hidden_nh, const LayerContext& context) const {
  const at::Tensor attended_nh =
      added(hidden_nh, before_attention_h_, after_attention_h_,
            [&](const ProjectionInput& x_nh) { return attention_.forward(x_nh, context); });
  return added(attended_nh, before_mlp_h_, after_mlp_h_,
               [&](const ProjectionInput& x_nh) { return feed_forward(x_nh, context); });
}

at::Tensor DecoderLayer::added(const at::Tensor& hidden_nh, const at::Tensor& before_h,
                               const at::Tensor& after_h,
                               const std::function<at::Tensor(const ProjectionInput&)>& part) const {
  at::Tensor y_nh = part(ProjectionInput::normed(hidden_nh, before_h, norm_eps_, norm_weight_));
  if (after_h.defined()) y_nh = rms_norm(y_nh, after_h, norm_eps_, norm_weight_);
  return hidden_nh + (residual_scale_ == 1.0 ? y_nh : y_nh * residual_scale_);
}

at::Tensor DecoderLayer::feed_forward(const ProjectionInput& x_nh, const LayerContext& context) const {
  return experts_ ? experts_->forward(x_nh.tensor(), context.balance, context.dropout)
                  : mlp_->forward(x_nh, context.dropout);
}

}  // namespace sift
