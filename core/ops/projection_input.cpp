#include "ops/projection_input.h"

#include <utility>

namespace sift {

ProjectionInput ProjectionInput::given(const at::Tensor& x_nh) {
  ProjectionInput input;
  input.parts_ = {x_nh};
  return input;
}

ProjectionInput ProjectionInput::normed(const at::Tensor& x_nh, const at::Tensor& weight_h, double eps,
                                        NormWeight kind) {
  ProjectionInput input = given(x_nh);
  if (!weight_h.defined()) return input;
  input.recipe_ = Recipe::kNorm;
  input.parts_.push_back(weight_h);
  input.eps_ = eps;
  input.kind_ = kind;
  return input;
}

ProjectionInput ProjectionInput::gated(const at::Tensor& gate_ni, const at::Tensor& up_ni,
                                       Activation activation) {
  ProjectionInput input = given(gate_ni);
  input.recipe_ = Recipe::kGate;
  input.parts_.push_back(up_ni);
  input.activation_ = activation;
  return input;
}

ProjectionInput ProjectionInput::with(std::vector<at::Tensor> parts) const {
  ProjectionInput input = *this;
  input.parts_ = std::move(parts);
  return input;
}

at::Tensor ProjectionInput::tensor() const {
  switch (recipe_) {
    case Recipe::kNorm:
      return rms_norm(parts_[0], parts_[1], eps_, kind_);
    case Recipe::kGate:
      return gated_unit(parts_[0], parts_[1], activation_);
    case Recipe::kGiven:
      break;
  }
  return parts_[0];
}

ProjectionInput::Made ProjectionInput::make() const {
  switch (recipe_) {
    case Recipe::kNorm: {
      NormOutput out = rms_norm_forward(parts_[0], parts_[1], eps_, kind_);
      return {std::move(out.y), std::move(out.rstd_n1)};
    }
    case Recipe::kGate:
      return {gated_unit_forward(parts_[0], parts_[1], activation_), {}};
    case Recipe::kGiven:
      break;
  }
  return {parts_[0], {}};
}

std::vector<at::Tensor> ProjectionInput::gradients(const at::Tensor& grad, const Made& made) const {
  switch (recipe_) {
    case Recipe::kNorm: {
      NormGradients out = rms_norm_backward(grad, parts_[0], parts_[1], made.rstd_n1, kind_);
      return {std::move(out.x), std::move(out.weight)};
    }
    case Recipe::kGate: {
      GateGradients out = gated_unit_backward(grad, parts_[0], parts_[1], activation_);
      return {std::move(out.gate), std::move(out.up)};
    }
    case Recipe::kGiven:
      break;
  }
  return {grad};
}

}  // namespace sift
