#include "ops/projections.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <utility>

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class Projections : public torch::autograd::Function<Projections> {
 public:
  static variable_list forward(AutogradContext* ctx, const at::Tensor& x_nh, at::TensorList weights,
                               at::TensorList biases) {
    variable_list saved = weights.vec(), outs;
    saved.push_back(x_nh);
    ctx->save_for_backward(std::move(saved));
    ctx->saved_data["has_biases"] = !biases.empty();
    ctx->set_materialize_grads(false);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      outs.push_back(biases.empty() ? at::mm(x_nh, weights[i].t())
                                    : at::addmm(biases[i], x_nh, weights[i].t()));
    }
    return outs;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor& x_nh = saved.back();
    const std::size_t count = saved.size() - 1;
    const bool has_biases = ctx->saved_data["has_biases"].toBool();
    variable_list out(1 + (has_biases ? 2 : 1) * count);  // of x, the weights, the biases
    for (std::size_t i = 0; i < count; ++i) {
      const at::Tensor& grad = grads[i];
      if (!grad.defined()) continue;
      if (ctx->needs_input_grad(0)) {
        if (out[0].defined()) {
          out[0].addmm_(grad, saved[i]);
        } else {
          out[0] = at::mm(grad, saved[i]);
        }
      }
      if (ctx->needs_input_grad(1 + i)) out[1 + i] = at::mm(grad.t(), x_nh);
      const std::size_t bias = 1 + count + i;
      if (has_biases && ctx->needs_input_grad(bias)) out[bias] = grad.sum(0);
    }
    return out;
  }
};

}  // namespace

std::vector<at::Tensor> projections(const at::Tensor& x_nh, const std::vector<at::Tensor>& weights,
                                    const std::vector<at::Tensor>& biases) {
  const auto has_dtype_of_x = [&](const at::Tensor& weight) {
    return weight.scalar_type() == x_nh.scalar_type();
  };
  if (x_nh.dim() == 2 && !at::autocast::is_autocast_enabled(x_nh.device().type()) &&
      std::ranges::all_of(weights, has_dtype_of_x)) {
    return Projections::apply(x_nh, at::TensorList(weights), at::TensorList(biases));
  }
  std::vector<at::Tensor> outs;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    outs.push_back(biases.empty() ? at::linear(x_nh, weights[i]) : at::linear(x_nh, weights[i], biases[i]));
  }
  return outs;
}

}  // namespace sift
