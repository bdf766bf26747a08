#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/model_config.h"

namespace sift {

/// A weight that can get an adapter, with its path in transformers' model.
struct AdaptableWeight {
  enum class Kind { kLinear, kEmbedding, kHead, kExperts, kRouter };
  std::string path;  ///< of the module; of experts and routers, of the parameter
  Kind kind = Kind::kLinear;
  std::int64_t num_experts = 1;
  std::int64_t in_features = 0, out_features = 0;
};

/// Every such weight of a model, in its order. Routers are parameters, since transformers' routers are no
/// linear layers.
std::vector<AdaptableWeight> adaptable_weights(const ModelConfig& config);

/// The path of every module that has parameters, from the model down.
std::vector<std::string> module_paths(const ModelConfig& config);

}  // namespace sift
