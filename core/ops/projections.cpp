#include "ops/projections.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <utility>

#include "ops/weight_gradient.h"

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// ctx's map cannot hold our types, so the recipe is stored as an owned object.
struct Recipe : torch::CustomClassHolder {
  explicit Recipe(ProjectionInput of) : input(std::move(of)) {}
  ProjectionInput input;  ///< without its tensors
};

class Projections : public torch::autograd::Function<Projections> {
 public:
  /// `parts` are those of `input`: autograd sees only tensors that are arguments.
  static variable_list forward(AutogradContext* ctx, at::TensorList parts, at::TensorList weights,
                               at::TensorList biases, const ProjectionInput& input) {
    variable_list saved = parts.vec(), outs;
    saved.insert(saved.end(), weights.begin(), weights.end());
    ctx->save_for_backward(std::move(saved));
    ctx->saved_data["recipe"] = c10::IValue::make_capsule(c10::make_intrusive<Recipe>(input.with({})));
    ctx->saved_data["weights"] = weights.vec();
    ctx->saved_data["num_parts"] = static_cast<std::int64_t>(parts.size());
    ctx->saved_data["has_biases"] = !biases.empty();
    ctx->set_materialize_grads(false);
    const at::Tensor x_nh = input.make().x;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      outs.push_back(biases.empty() ? at::mm(x_nh, weights[i].t())
                                    : at::addmm(biases[i], x_nh, weights[i].t()));
    }
    return outs;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    const auto num_parts = static_cast<std::size_t>(ctx->saved_data["num_parts"].toInt());
    const bool has_biases = ctx->saved_data["has_biases"].toBool();
    const auto recipe = c10::static_intrusive_pointer_cast<Recipe>(ctx->saved_data["recipe"].toCapsule());
    const ProjectionInput input =
        recipe->input.with({saved.begin(), saved.begin() + static_cast<std::ptrdiff_t>(num_parts)});
    const std::vector<at::Tensor> parameters = ctx->saved_data["weights"].toTensorVector();
    const std::size_t count = parameters.size();
    const bool wants_parts = any_wanted(*ctx, 0, num_parts),
               wants_weights = any_wanted(*ctx, num_parts, count);
    const ProjectionInput::Made made = wants_parts || wants_weights ? input.make() : ProjectionInput::Made();
    at::Tensor grad_x;
    variable_list out(num_parts + (has_biases ? 2 : 1) * count);  // of the parts, the weights, the biases
    for (std::size_t i = 0; i < count; ++i) {
      const at::Tensor& grad = grads[i];
      const std::size_t weight = num_parts + i, bias = weight + count;
      if (!grad.defined()) continue;
      if (wants_parts)
        grad_x = grad_x.defined() ? grad_x.addmm_(grad, saved[weight]) : at::mm(grad, saved[weight]);
      if (ctx->needs_input_grad(weight) && adds_in_place(parameters[i])) {
        parameters[i].mutable_grad().addmm_(grad.t(), made.x);
      } else if (ctx->needs_input_grad(weight)) {
        out[weight] = at::mm(grad.t(), made.x);
      }
      if (has_biases && ctx->needs_input_grad(bias)) out[bias] = grad.sum(0);
    }
    if (grad_x.defined()) std::ranges::copy(input.gradients(grad_x, made), out.begin());
    out.emplace_back();  // of the recipe
    return out;
  }

 private:
  static bool any_wanted(AutogradContext& ctx, std::size_t first, std::size_t count) {
    for (std::size_t i = first; i < first + count; ++i) {
      if (ctx.needs_input_grad(i)) return true;
    }
    return false;
  }
};

}  // namespace

std::vector<at::Tensor> projections(const ProjectionInput& input, const std::vector<at::Tensor>& weights,
                                    const std::vector<at::Tensor>& biases) {
  const at::Tensor& x = input.parts().front();
  const auto has_dtype_of_x = [&](const at::Tensor& tensor) {
    return tensor.scalar_type() == x.scalar_type();
  };
  if (x.dim() == 2 && !at::autocast::is_autocast_enabled(x.device().type()) &&
      std::ranges::all_of(weights, has_dtype_of_x) && std::ranges::all_of(input.parts(), has_dtype_of_x)) {
    return Projections::apply(at::TensorList(input.parts()), at::TensorList(weights), at::TensorList(biases),
                              input);
  }
  const at::Tensor x_nh = input.tensor();
  std::vector<at::Tensor> outs;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    outs.push_back(biases.empty() ? at::linear(x_nh, weights[i]) : at::linear(x_nh, weights[i], biases[i]));
  }
  return outs;
}

}  // namespace sift
