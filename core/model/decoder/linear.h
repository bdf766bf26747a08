#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "ops/projection_input.h"

namespace sift {

using TensorsByName = std::map<std::string, at::Tensor>;

/// A projection; `bias` is undefined where it has none.
struct Linear {
  at::Tensor weight;
  at::Tensor bias;
  /// Takes "<name>.weight" and, where it is there, "<name>.bias".
  static Linear from(const TensorsByName& tensors, const std::string& name);
  at::Tensor operator()(const at::Tensor& x) const;
};

/// The outputs of several projections of one input.
std::vector<at::Tensor> project(const ProjectionInput& input, const std::vector<Linear>& linears);

}  // namespace sift
