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
    if (const auto shape = fused_shape(gate_ni, up_ni)) {
      at::Tensor y_ni = at::empty(gate_ni.sizes(), gate_ni.options());
      cpu::gated_unit(*shape, kernel_of(activation), gate_ni.const_data_ptr<float>(),
                      up_ni.const_data_ptr<float>(), y_ni.data_ptr<float>());
      return y_ni;
    }
    return activated(gate_ni, activation).mul_(up_ni);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const variable_list saved = ctx->get_saved_variables();
    const auto activation = static_cast<Activation>(ctx->saved_data["activation"].toInt());
    const at::Tensor& gate_ni = saved[0];
    const at::Tensor& up_ni = saved[1];
    if (const auto shape = fused_shape(gate_ni, up_ni)) {
      const at::Tensor grad_ni = grads[0].contiguous();
      const at::Tensor d_gate_ni = at::empty_like(grad_ni), d_up_ni = at::empty_like(grad_ni);
      cpu::gated_unit_backward(*shape, kernel_of(activation), grad_ni.const_data_ptr<float>(),
                               gate_ni.const_data_ptr<float>(), up_ni.const_data_ptr<float>(),
                               d_gate_ni.data_ptr<float>(), d_up_ni.data_ptr<float>());
      return {d_gate_ni, d_up_ni, at::Tensor()};
    }
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
