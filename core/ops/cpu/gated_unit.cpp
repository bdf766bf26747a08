#include <ATen/Functions.h>

#include "ops/cpu/supports.h"
#include "ops/operators.h"

// Shape suffixes: n rows, i intermediate size.

namespace sift::cpu {
namespace {

/// Gate and up may be the halves of one tensor: rows with the same distance.
bool gate_supports(const at::Tensor& gate_ni, const at::Tensor& up_ni) {
  const at::ScalarType type = gate_ni.scalar_type();
  return gate_ni.dim() == 2 && (type == at::kFloat || type == at::kDouble) && up_ni.scalar_type() == type &&
         gate_ni.strides() == up_ni.strides() && gate_ni.stride(1) == 1;
}

GateShape shape_of(const at::Tensor& gate_ni) {
  return {gate_ni.size(0), gate_ni.size(1), gate_ni.stride(0)};
}

Gate kind_of(bool silu) {
  return silu ? Gate::kSilu : Gate::kGeluTanh;
}

at::Tensor gate_forward(const at::Tensor& gate_ni, const at::Tensor& up_ni, bool silu) {
  at::Tensor y_ni = at::empty(gate_ni.sizes(), gate_ni.options());
  with_type(gate_ni, [&](auto zero) {
    using T = decltype(zero);
    gated_unit(shape_of(gate_ni), kind_of(silu), in<T>(gate_ni), in<T>(up_ni), out<T>(y_ni));
  });
  return y_ni;
}

std::tuple<at::Tensor, at::Tensor> gate_backward(const at::Tensor& grad, const at::Tensor& gate_ni,
                                                 const at::Tensor& up_ni, bool silu) {
  const at::Tensor grad_ni = grad.contiguous();
  const at::Tensor grad_gate_ni = at::empty_like(grad_ni), grad_up_ni = at::empty_like(grad_ni);
  with_type(gate_ni, [&](auto zero) {
    using T = decltype(zero);
    gated_unit_backward(shape_of(gate_ni), kind_of(silu), in<T>(grad_ni), in<T>(gate_ni), in<T>(up_ni),
                        out<T>(grad_gate_ni), out<T>(grad_up_ni));
  });
  return {grad_gate_ni, grad_up_ni};
}

[[maybe_unused]] const bool kGateRegistered =
    available() &&
    op::gated_unit.add_version(
        at::kCPU,
        [](const at::Tensor& gate_ni, const at::Tensor& up_ni, bool) {
          return gate_supports(gate_ni, up_ni);
        },
        gate_forward) &&
    op::gated_unit_backward.add_version(
        at::kCPU,
        [](const at::Tensor&, const at::Tensor& gate_ni, const at::Tensor& up_ni, bool) {
          return gate_supports(gate_ni, up_ni);
        },
        gate_backward);

}  // namespace
}  // namespace sift::cpu
