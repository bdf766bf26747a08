#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "ops/gated_units.h"
#include "ops/rms_norm.h"

// Shape suffixes: n tokens, h hidden size, i intermediate size.

namespace sift {

/// What projections() multiplies: a tensor, or one that is so cheap to make that it is made again in backward
/// instead of being kept.
class ProjectionInput {
 public:
  /// x itself.
  static ProjectionInput given(const at::Tensor& x_nh);
  /// rms_norm(x, weight, eps, kind); x itself where the weight is undefined.
  static ProjectionInput normed(const at::Tensor& x_nh, const at::Tensor& weight_h, double eps,
                                NormWeight kind);
  /// gated_unit(gate, up, activation).
  static ProjectionInput gated(const at::Tensor& gate_ni, const at::Tensor& up_ni, Activation activation);

  /// What it is made of: what autograd has to keep and wants gradients of.
  const std::vector<at::Tensor>& parts() const { return parts_; }
  /// The same recipe for other tensors.
  ProjectionInput with(std::vector<at::Tensor> parts) const;

  /// As part of the graph.
  at::Tensor tensor() const;

  struct Made {
    at::Tensor x, rstd_n1;
  };
  /// Without a graph.
  Made make() const;
  /// The gradients of parts(), from that of the tensor that was made.
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
