#include "ops/gated_units.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <torch/csrc/autograd/custom_function.h>

// Shape suffixes: n rows, i intermediate size.

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr const char* kTanh = "tanh";

at::Tensor activated(const at::Tensor& gate_ni, Activation activation) {
  return activation == Activation::kSilu ? at::silu(gate_ni) : at::gelu(gate_ni, kTanh);
}

at::Tensor activation_gradient(const at::Tensor& grad_ni, const at::Tensor& gate_ni, Activation activation) {
  return activation == Activation::kSilu ? at::silu_backward(grad_ni, gate_ni)
                                         : at::gelu_backward(grad_ni, gate_ni, kTanh);
}

class GatedUnit : public torch::autograd::Function<GatedUnit> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& gate_ni, const at::Tensor& up_ni,
                            Activation activation) {
    ctx->save_for_backward({gate_ni, up_ni});
    ctx->saved_data["activation"] = static_cast<std::int64_t>(activation);
    return activated(gate_ni, activation).mul_(up_ni);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const variable_list saved = ctx->get_saved_variables();
    const auto activation = static_cast<Activation>(ctx->saved_data["activation"].toInt());
    const at::Tensor& gate_ni = saved[0];
    const at::Tensor& up_ni = saved[1];
    at::Tensor grad_up_ni = activated(gate_ni, activation).mul_(grads[0]);
    at::Tensor grad_gate_ni = activation_gradient(grads[0] * up_ni, gate_ni, activation);
    return {grad_gate_ni, grad_up_ni, at::Tensor()};
  }
};

}  // namespace

at::Tensor gated_unit(const at::Tensor& gate, const at::Tensor& up, Activation activation) {
  return GatedUnit::apply(gate, up, activation);
}

}  // namespace sift
