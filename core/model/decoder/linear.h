#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "model/decoder/model_weights.h"
#include "ops/dropout.h"
#include "ops/projection_input.h"

// Shape suffixes: n tokens, m assignments of tokens to experts, e experts, o output features, i input
// features.

namespace sift {

/// y = W x + b, and what an adapter adds. The layers apply their weight matrices through this class and
/// ExpertLinear alone, so that only these know how a weight is stored and what is added to its product.
class Linear {
 public:
  /// Takes "<name>.weight" and, where they exist, "<name>.bias" and the update of "<name>".
  static Linear from(const ModelWeights& weights, const std::string& name);
  Linear() = default;
  /// Whether there is a projection: false if default-constructed.
  explicit operator bool() const { return static_cast<bool>(weight_oi_); }

  std::int64_t in_features() const { return weight_oi_.in_features(); }
  std::int64_t out_features() const { return weight_oi_.out_features(); }

  /// For x of any number of dimensions. `dropout` is that of an adapter.
  at::Tensor operator()(const at::Tensor& x, DropoutSeed dropout = {}) const;
  /// For [N, in_features]: backward recomputes a computed input instead of keeping it.
  at::Tensor operator()(const ProjectionInput& input, DropoutSeed dropout = {}) const;

 private:
  friend std::vector<at::Tensor> project(const ProjectionInput& input,
                                         std::initializer_list<std::reference_wrapper<const Linear>> linears,
                                         DropoutSeed dropout);

  BaseWeight weight_oi_;
  at::Tensor bias_o_;  ///< undefined if it has none
  LowRank update_;
};

/// The outputs of several projections of one input, which backward recomputes only once.
std::vector<at::Tensor> project(const ProjectionInput& input,
                                std::initializer_list<std::reference_wrapper<const Linear>> linears,
                                DropoutSeed dropout = {});

/// The same projection of every expert of a layer, each with a weight of its own.
class ExpertLinear {
 public:
  /// Takes "<name>", [E, out, in], and the update of "<name>".
  static ExpertLinear from(const ModelWeights& weights, const std::string& name);

  /// x_mi is sorted by expert and has `counts[e]` rows for expert e; returns [M, out].
  at::Tensor operator()(const at::Tensor& x_mi, const std::vector<std::int64_t>& counts) const;

 private:
  at::Tensor weight_eoi_;
  LowRank update_;
};

}  // namespace sift
