#include "model/generate/key_value_cache.h"

#include <ATen/Functions.h>

#include <cassert>

namespace sift {

KeyValueCache::KeyValueCache(const ModelConfig& config, std::int64_t capacity,
                             const at::TensorOptions& options)
    : capacity_(capacity) {
  for (std::int64_t i = 0; i < config.num_hidden_layers; ++i) {
    keys_.push_back(at::empty({capacity, config.num_key_value_heads, config.head_dim}, options));
    values_.push_back(at::empty_like(keys_.back()));
  }
}

std::pair<at::Tensor, at::Tensor> KeyValueCache::append(std::int64_t layer, const at::Tensor& k_nkd,
                                                        const at::Tensor& v_nkd) {
  const auto index = static_cast<std::size_t>(layer);
  const std::int64_t count = k_nkd.size(0);
  assert(length_ + count <= capacity_);
  keys_[index].narrow(0, length_, count).copy_(k_nkd);
  values_[index].narrow(0, length_, count).copy_(v_nkd);
  return {keys_[index].narrow(0, 0, length_ + count), values_[index].narrow(0, 0, length_ + count)};
}

}  // namespace sift
