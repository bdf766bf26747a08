#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

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

/// The outputs of several projections of one x_nh.
std::vector<at::Tensor> project(const at::Tensor& x_nh, const std::vector<Linear>& linears);

}  // namespace sift
