#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/key_value_cache.h"
#include "model/model_config.h"
#include "model/rope.h"

namespace sift {

using TensorsByName = std::map<std::string, at::Tensor>;

/// What all layers of one forward pass share.
struct LayerContext {
  RotaryTables rotary;
  std::vector<std::int64_t> document_starts;  ///< where each document starts, and N
  KeyValueCache* cache = nullptr;  ///< set when generating: the tokens continue the cached document
};

/// A projection; `bias` is undefined where it has none.
struct Linear {
  at::Tensor weight;
  at::Tensor bias;
  at::Tensor operator()(const at::Tensor& x) const;
};

/// One decoder layer: h += o(attention(norm(h))), then h += down(silu(gate(x)) * up(x)) with x = norm(h).
class DecoderLayer {
 public:
  /// Takes its weights, named "model.layers.<index>.*", out of `tensors`.
  DecoderLayer(const ModelConfig& config, std::int64_t index, const TensorsByName& tensors);

  at::Tensor forward(const at::Tensor& hidden_nh, const LayerContext& context) const;

 private:
  at::Tensor attention(const at::Tensor& x_nh, const LayerContext& context) const;
  at::Tensor mlp(const at::Tensor& x_nh) const;

  std::int64_t index_ = 0;
  std::int64_t num_heads_ = 0;
  std::int64_t num_kv_heads_ = 0;
  std::int64_t head_dim_ = 0;
  double norm_eps_ = 0.0;
  at::Tensor input_norm_h_;
  at::Tensor post_attention_norm_h_;
  Linear q_proj_, k_proj_, v_proj_, o_proj_;
  Linear gate_proj_, up_proj_, down_proj_;
};

}  // namespace sift
