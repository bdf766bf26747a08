#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "ops/projection_input.h"

// Shape suffixes: n tokens, m assignments of tokens to experts, e experts, o output features, i input
// features.

namespace sift {

using TensorsByName = std::map<std::string, at::Tensor>;

/// y = W x + b. The layers apply their weight matrices through this class and ExpertLinear alone, so that
/// only these know how a weight is stored and what is added to its product.
class Linear {
 public:
  /// Takes "<name>.weight" and, where it exists, "<name>.bias".
  static Linear from(const TensorsByName& tensors, const std::string& name);
  Linear() = default;
  /// Whether there is a projection: false if default-constructed.
  explicit operator bool() const { return weight_oi_.defined(); }

  std::int64_t in_features() const { return weight_oi_.size(1); }
  std::int64_t out_features() const { return weight_oi_.size(0); }

  /// For x of any number of dimensions.
  at::Tensor operator()(const at::Tensor& x) const;
  /// For [N, in_features]: backward recomputes a computed input instead of keeping it.
  at::Tensor operator()(const ProjectionInput& input) const;

 private:
  friend std::vector<at::Tensor> project(const ProjectionInput& input,
                                         std::initializer_list<std::reference_wrapper<const Linear>> linears);

  at::Tensor weight_oi_;
  at::Tensor bias_o_;  ///< undefined if it has none
};

/// The outputs of several projections of one input, which backward recomputes only once.
std::vector<at::Tensor> project(const ProjectionInput& input,
                                std::initializer_list<std::reference_wrapper<const Linear>> linears);

/// The same projection of every expert of a layer, each with a weight of its own.
class ExpertLinear {
 public:
  /// Takes "<name>", [E, out, in].
  static ExpertLinear from(const TensorsByName& tensors, const std::string& name);

  /// x_mi is sorted by expert and has `counts[e]` rows for expert e; returns [M, out].
  at::Tensor operator()(const at::Tensor& x_mi, const std::vector<std::int64_t>& counts) const;

 private:
  at::Tensor weight_eoi_;
};

}  // namespace sift
