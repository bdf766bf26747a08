#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "model/model_config.h"

// Shape suffixes: n new tokens, l cached tokens, k key/value heads, d head_dim.

namespace sift {

/// The keys and values of the first tokens of one document, for each layer, in buffers of a fixed capacity.
/// For inference only.
class KeyValueCache {
 public:
  KeyValueCache(const ModelConfig& config, std::int64_t capacity, const at::TensorOptions& options);

  std::int64_t length() const { return length_; }  ///< tokens that all layers have
  std::int64_t capacity() const { return capacity_; }

  /// Appends the new tokens of a layer and returns all its tokens: {k_lkd, v_lkd}, as views.
  std::pair<at::Tensor, at::Tensor> append(std::int64_t layer, const at::Tensor& k_nkd,
                                           const at::Tensor& v_nkd);
  /// Called when all layers have appended `num_tokens`.
  void advance(std::int64_t num_tokens) { length_ += num_tokens; }
  /// Removes all tokens.
  void clear() { length_ = 0; }

 private:
  std::int64_t capacity_ = 0;
  std::int64_t length_ = 0;
  std::vector<at::Tensor> keys_;
  std::vector<at::Tensor> values_;
};

}  // namespace sift
