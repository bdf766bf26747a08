#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "ops/gated_units.h"
#include "ops/rms_norm.h"

// Shape suffixes: n tokens, h hidden size, i intermediate size.

namespace sift {

/// The input of projections(): a tensor, or one cheap enough to be recomputed in backward instead of being
/// kept.
class ProjectionInput {
 public:
  /// x itself.
  static ProjectionInput given(const at::Tensor& x_nh);
  /// rms_norm(x, weight, eps, kind); x itself if the weight is undefined.
  static ProjectionInput normed(const at::Tensor& x_nh, const at::Tensor& weight_h, double eps,
                                NormWeight kind);
  /// gated_unit(gate, up, activation).
  static ProjectionInput gated(const at::Tensor& gate_ni, const at::Tensor& up_ni, Activation activation);

  /// Its source tensors: autograd saves them and computes their gradients.
  const std::vector<at::Tensor>& parts() const { return parts_; }
  /// The same computation on other tensors.
  ProjectionInput with(std::vector<at::Tensor> parts) const;

  /// The result, as part of the graph.
  at::Tensor tensor() const;

  struct Made {
    at::Tensor x, rstd_n1;
  };
  /// The result, without a graph.
  Made make() const;
  /// The gradients of parts(), from the gradient of the result.
  std::vector<at::Tensor> gradients(const at::Tensor& grad, const Made& made) const;

 private:
  enum class Recipe { kGiven, kNorm, kGate };

  Recipe recipe_ = Recipe::kGiven;
  std::vector<at::Tensor> parts_;
  double eps_ = 0.0;
  NormWeight kind_ = NormWeight::kScale;
  Activation activation_ = Activation::kSilu;
};

}  // namespace sift
