#include "ops/gated_units.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <torch/csrc/autograd/custom_function.h>

#include <optional>

#include "ops/cpu/takes.h"

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

cpu::Gate kernel_of(Activation activation) {
  return activation == Activation::kSilu ? cpu::Gate::kSilu : cpu::Gate::kGeluTanh;
}

/// How the fused loops see two tensors, which may be the halves of one; nothing where they cannot.
std::optional<cpu::GateShape> fused_shape(const at::Tensor& gate_ni, const at::Tensor& up_ni) {
  const bool rows = gate_ni.dim() == 2 && gate_ni.is_cpu() && gate_ni.scalar_type() == at::kFloat &&
                    up_ni.scalar_type() == at::kFloat && gate_ni.strides() == up_ni.strides() &&
                    gate_ni.stride(1) == 1;
  if (!rows || !cpu::available()) return {};
  return cpu::GateShape{gate_ni.size(0), gate_ni.size(1), gate_ni.stride(0)};
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

at::Tensor gated_unit_forward(const at::Tensor& gate_ni, const at::Tensor& up_ni, Activation activation) {
  const auto shape = fused_shape(gate_ni, up_ni);
  if (!shape) return activated(gate_ni, activation).mul_(up_ni);
  at::Tensor y_ni = at::empty(gate_ni.sizes(), gate_ni.options());
  cpu::gated_unit(*shape, kernel_of(activation), gate_ni.const_data_ptr<float>(),
                  up_ni.const_data_ptr<float>(), y_ni.data_ptr<float>());
  return y_ni;
}

GateGradients gated_unit_backward(const at::Tensor& grad, const at::Tensor& gate_ni, const at::Tensor& up_ni,
                                  Activation activation) {
  const auto shape = fused_shape(gate_ni, up_ni);
  if (!shape) {
    return {activation_gradient(grad * up_ni, gate_ni, activation),
            activated(gate_ni, activation).mul_(grad)};
  }
  const at::Tensor grad_ni = grad.contiguous();
  GateGradients out = {at::empty_like(grad_ni), at::empty_like(grad_ni)};
  cpu::gated_unit_backward(*shape, kernel_of(activation), grad_ni.const_data_ptr<float>(),
                           gate_ni.const_data_ptr<float>(), up_ni.const_data_ptr<float>(),
                           out.gate.data_ptr<float>(), out.up.data_ptr<float>());
  return out;
}

}  // namespace sift
