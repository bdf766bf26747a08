#include "ops/gated_units.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <torch/csrc/autograd/custom_function.h>

#include <utility>

#include "ops/operators.h"

// Shape suffixes: n rows, i intermediate size.

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr const char* kTanh = "tanh";

at::Tensor activated(const at::Tensor& gate_ni, bool silu) {
  return silu ? at::silu(gate_ni) : at::gelu(gate_ni, kTanh);
}

class GatedUnit : public torch::autograd::Function<GatedUnit> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& gate_ni, const at::Tensor& up_ni,
                            Activation activation) {
    ctx->save_for_backward({gate_ni, up_ni});
    ctx->saved_data["activation"] = static_cast<std::int64_t>(activation);
    return gated_unit_forward(gate_ni, up_ni, activation);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const variable_list saved = ctx->get_saved_variables();
    const auto activation = static_cast<Activation>(ctx->saved_data["activation"].toInt());
    const GateGradients out = gated_unit_backward(grads[0], saved[0], saved[1], activation);
    return {out.gate, out.up, at::Tensor()};
  }
};

}  // namespace

at::Tensor gated_unit(const at::Tensor& gate, const at::Tensor& up, Activation activation) {
  return GatedUnit::apply(gate, up, activation);
}

namespace plain {

at::Tensor gated_unit(const at::Tensor& gate_ni, const at::Tensor& up_ni, bool silu) {
  return activated(gate_ni, silu).mul_(up_ni);
}

std::tuple<at::Tensor, at::Tensor> gated_unit_backward(const at::Tensor& grad, const at::Tensor& gate_ni,
                                                       const at::Tensor& up_ni, bool silu) {
  const at::Tensor grad_activated_ni = grad * up_ni;
  return {silu ? at::silu_backward(grad_activated_ni, gate_ni)
               : at::gelu_backward(grad_activated_ni, gate_ni, kTanh),
          activated(gate_ni, silu).mul_(grad)};
}

}  // namespace plain

constinit Operator<decltype(plain::gated_unit)> op::gated_unit("sift::gated_unit", plain::gated_unit);
constinit Operator<decltype(plain::gated_unit_backward)> op::gated_unit_backward("sift::gated_unit_backward",
                                                                                 plain::gated_unit_backward);

at::Tensor gated_unit_forward(const at::Tensor& gate, const at::Tensor& up, Activation activation) {
  return op::gated_unit(gate, up, activation == Activation::kSilu);
}

GateGradients gated_unit_backward(const at::Tensor& grad, const at::Tensor& gate, const at::Tensor& up,
                                  Activation activation) {
  auto [grad_gate, grad_up] = op::gated_unit_backward(grad, gate, up, activation == Activation::kSilu);
  return {std::move(grad_gate), std::move(grad_up)};
}

}  // namespace sift
