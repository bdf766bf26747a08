#include "ops/swiglu.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <torch/csrc/autograd/custom_function.h>

// Shape suffixes: n rows, i intermediate size.

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class Swiglu : public torch::autograd::Function<Swiglu> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& gate_ni, const at::Tensor& up_ni) {
    ctx->save_for_backward({gate_ni, up_ni});
    return at::silu(gate_ni).mul_(up_ni);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor& gate_ni = saved[0];
    const at::Tensor& up_ni = saved[1];
    at::Tensor grad_up_ni = at::silu(gate_ni).mul_(grads[0]);
    at::Tensor grad_gate_ni = at::silu_backward(grads[0] * up_ni, gate_ni);
    return {grad_gate_ni, grad_up_ni};
  }
};

}  // namespace

at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up) {
  return Swiglu::apply(gate, up);
}

}  // namespace sift
