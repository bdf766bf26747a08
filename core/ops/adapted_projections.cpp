#include "ops/adapted_projections.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "ops/adapted_linear.h"
#include "ops/quantized_product.h"
#include "ops/weight_gradient.h"

namespace sift {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Where the tensors of a projection are among the operands of a node, which are all defined.
struct Places {
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  std::size_t weight = kNone, bias = kNone, a = kNone, b = kNone;  // of a weight in 4 bits, none
};

/// What a node needs besides tensors: ctx's map cannot hold our types.
struct AdaptedRecipe : torch::CustomClassHolder {
  AdaptedRecipe(const ProjectionInput& of, std::vector<BaseWeight> all_weights,
                std::vector<LowRank> all_updates, DropoutSeed of_pass)
      : input(of.with({})), weights(std::move(all_weights)), updates(std::move(all_updates)), seed(of_pass) {}

  std::size_t add(const at::Tensor& operand) {
    operands.push_back(operand);
    return operands.size() - 1;
  }

  ProjectionInput input;            ///< without its tensors
  std::vector<BaseWeight> weights;  ///< of each projection, for those in 4 bits
  std::vector<LowRank> updates;     ///< of each projection
  DropoutSeed seed;
  std::vector<at::Tensor> operands;  ///< the parameters themselves, for their gradients in place
  std::vector<Places> places;        ///< of each projection
};
using RecipePtr = c10::intrusive_ptr<AdaptedRecipe>;

RecipePtr recipe_for(const ProjectionInput& input, const std::vector<BaseWeight>& weights,
                     const std::vector<at::Tensor>& biases, const std::vector<LowRank>& updates,
                     DropoutSeed seed) {
  auto recipe = c10::make_intrusive<AdaptedRecipe>(input, weights, updates, seed);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    Places places;
    if (!weights[i].quantized) places.weight = recipe->add(weights[i].tensor_oi);
    if (biases[i].defined()) places.bias = recipe->add(biases[i]);
    if (updates[i]) {
      places.a = recipe->add(updates[i].a_ri);
      places.b = recipe->add(updates[i].b_or);
    }
    recipe->places.push_back(places);
  }
  return recipe;
}

/// One backward pass of a node, whose inputs are the parts of x and the operands. It saved both, and x A^T of
/// each update.
class AdaptedBackward {
 public:
  AdaptedBackward(AutogradContext& ctx, const variable_list& grads)
      : ctx_(ctx),
        grads_(grads),
        recipe_(c10::static_intrusive_pointer_cast<AdaptedRecipe>(ctx.saved_data["recipe"].toCapsule())),
        num_parts_(static_cast<std::size_t>(ctx.saved_data["num_parts"].toInt())) {
    const variable_list saved = ctx.get_saved_variables();
    const auto parts_end = saved.begin() + static_cast<std::ptrdiff_t>(num_parts_);
    const auto operands_end = parts_end + static_cast<std::ptrdiff_t>(recipe_->operands.size());
    input_ = recipe_->input.with({saved.begin(), parts_end});
    operands_.assign(parts_end, operands_end);
    reduced_.assign(operands_end, saved.end());
    made_ = input_.make();
    out_.resize(num_parts_ + operands_.size() + 1);  // the last is that of the recipe
  }

  variable_list run() {
    std::size_t reduced = 0;
    for (std::size_t i = 0; i < grads_.size(); ++i) {
      const at::Tensor reduced_nr = recipe_->updates[i] ? reduced_[reduced++] : at::Tensor();
      if (grads_[i].defined()) add_projection(i, grads_[i], reduced_nr);
    }
    if (grad_x_.defined()) std::ranges::copy(input_.gradients(grad_x_, made_), out_.begin());
    return out_;
  }

 private:
  bool wants_input() const {
    for (std::size_t i = 0; i < num_parts_; ++i) {
      if (ctx_.needs_input_grad(i)) return true;
    }
    return false;
  }
  bool wants(std::size_t operand) const { return ctx_.needs_input_grad(num_parts_ + operand); }

  void add_base(std::size_t projection, const at::Tensor& grad_no) {
    const std::size_t place = recipe_->places[projection].weight;
    if (place == Places::kNone) {
      if (!wants_input()) return;
      const at::Tensor grad_ni =
          quantized_product_transposed(grad_no, *recipe_->weights[projection].quantized);
      grad_x_ = grad_x_.defined() ? grad_x_.add_(grad_ni) : grad_ni;
      return;
    }
    const at::Tensor& weight = operands_[place];
    if (wants_input())
      grad_x_ = grad_x_.defined() ? grad_x_.addmm_(grad_no, weight) : at::mm(grad_no, weight);
    add_gradient(place, grad_no, made_.x, 1.0);
  }

  void add_projection(std::size_t projection, const at::Tensor& grad_no, const at::Tensor& reduced_nr) {
    const Places& places = recipe_->places[projection];
    const LowRank& update = recipe_->updates[projection];
    add_base(projection, grad_no);
    if (places.bias != Places::kNone && wants(places.bias)) out_[num_parts_ + places.bias] = grad_no.sum(0);
    if (!update) return;
    add_gradient(places.b, grad_no, reduced_nr, update.scale);
    const at::Tensor grad_nr = at::mm(grad_no, operands_[places.b]).mul_(update.scale);
    add_gradient(places.a, grad_nr, dropped(made_.x, update, recipe_->seed), 1.0);
    if (!wants_input()) return;
    if (drops(update, recipe_->seed)) {
      grad_x_.add_(dropped(at::mm(grad_nr, operands_[places.a]), update, recipe_->seed));
    } else {
      grad_x_.addmm_(grad_nr, operands_[places.a]);
    }
  }

  /// scale * grad^T x is the gradient of a parameter; it is added in place where that is allowed.
  void add_gradient(std::size_t operand, const at::Tensor& grad, const at::Tensor& x, double scale) {
    if (!wants(operand)) return;
    const at::Tensor& parameter = recipe_->operands[operand];
    if (adds_in_place(parameter)) {
      parameter.mutable_grad().addmm_(grad.t(), x, 1.0, scale);
      return;
    }
    at::Tensor& gradient = out_[num_parts_ + operand];
    gradient = at::mm(grad.t(), x);
    if (scale != 1.0) gradient.mul_(scale);
  }

  AutogradContext& ctx_;
  const variable_list& grads_;
  RecipePtr recipe_;
  std::size_t num_parts_;
  ProjectionInput input_;
  std::vector<at::Tensor> operands_, reduced_;
  ProjectionInput::Made made_;
  at::Tensor grad_x_;
  variable_list out_;
};

class AdaptedProjections : public torch::autograd::Function<AdaptedProjections> {
 public:
  static variable_list forward(AutogradContext* ctx, at::TensorList parts, at::TensorList operands,
                               const RecipePtr& recipe) {
    const at::Tensor x_ni = recipe->input.with(parts.vec()).make().x;
    variable_list saved = parts.vec(), outs;
    saved.insert(saved.end(), operands.begin(), operands.end());
    for (std::size_t i = 0; i < recipe->places.size(); ++i) {
      const Places& places = recipe->places[i];
      const LowRank& update = recipe->updates[i];
      const at::Tensor bias_o = places.bias == Places::kNone ? at::Tensor() : operands[places.bias];
      at::Tensor out_no = places.weight == Places::kNone
                              ? quantized_base(x_ni, *recipe->weights[i].quantized, bias_o)
                              : dense_base(x_ni, operands[places.weight].t(), bias_o);
      if (update) {
        saved.push_back(at::mm(dropped(x_ni, update, recipe->seed), update.a_ri.t()));
        out_no.addmm_(saved.back(), update.b_or.t(), 1.0, update.scale);
      }
      outs.push_back(out_no);
    }
    ctx->save_for_backward(std::move(saved));
    ctx->saved_data["recipe"] = c10::IValue::make_capsule(recipe);
    ctx->saved_data["num_parts"] = static_cast<std::int64_t>(parts.size());
    ctx->set_materialize_grads(false);
    return outs;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    return AdaptedBackward(*ctx, grads).run();
  }

 private:
  static at::Tensor dense_base(const at::Tensor& x_ni, const at::Tensor& weight_io,
                               const at::Tensor& bias_o) {
    return bias_o.defined() ? at::addmm(bias_o, x_ni, weight_io) : at::mm(x_ni, weight_io);
  }
  static at::Tensor quantized_base(const at::Tensor& x_ni, const QuantizedWeight& weight,
                                   const at::Tensor& bias_o) {
    at::Tensor out_no = quantized_product(x_ni, weight);
    return bias_o.defined() ? out_no.add_(bias_o) : out_no;
  }
};

bool is_plain_float(const ProjectionInput& input, const std::vector<BaseWeight>& weights,
                    const std::vector<LowRank>& updates) {
  const auto is_float = [](const at::Tensor& tensor) { return tensor.scalar_type() == at::kFloat; };
  const at::Tensor& x = input.parts().front();
  return x.dim() == 2 && !at::autocast::is_autocast_enabled(x.device().type()) &&
         std::ranges::all_of(input.parts(), is_float) &&
         std::ranges::all_of(weights, [](const BaseWeight& w) { return w.dtype() == at::kFloat; }) &&
         std::ranges::all_of(updates, [&](const LowRank& update) {
           return !update || (!update.magnitude_o.defined() && is_float(update.a_ri));
         });
}

}  // namespace

std::vector<at::Tensor> adapted_projections(const ProjectionInput& input,
                                            const std::vector<BaseWeight>& weights,
                                            const std::vector<at::Tensor>& biases,
                                            const std::vector<LowRank>& updates, DropoutSeed seed) {
  if (is_plain_float(input, weights, updates)) {
    const RecipePtr recipe = recipe_for(input, weights, biases, updates, seed);
    return AdaptedProjections::apply(at::TensorList(input.parts()), at::TensorList(recipe->operands), recipe);
  }
  const at::Tensor x_ni = input.tensor();
  std::vector<at::Tensor> outs;
  for (std::size_t i = 0; i < weights.size(); ++i)
    outs.push_back(adapted_linear(x_ni, weights[i], biases[i], updates[i], seed));
  return outs;
}

}  // namespace sift
