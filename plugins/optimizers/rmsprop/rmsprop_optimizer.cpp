#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <utility>

#include <sift/plugin.h>
#include "shared/parameter_wise.h"

namespace {

using sift::GroupOption;
using Change = GroupOption::Change;

struct State {
  at::Tensor step;             ///< 0-d float32 on the host, completed updates
  at::Tensor square_avg;       ///< running mean of the squared gradients
  at::Tensor momentum_buffer;  ///< undefined without momentum
  at::Tensor grad_avg;         ///< running mean of the gradients; undefined unless centered

  std::vector<sift::NamedTensor> named() const {
    std::vector<sift::NamedTensor> tensors{{"step", step}, {"square_avg", square_avg}};
    if (momentum_buffer.defined()) tensors.push_back({"momentum_buffer", momentum_buffer});
    if (grad_avg.defined()) tensors.push_back({"grad_avg", grad_avg});
    return tensors;
  }
};

struct RmspropOptions {
  double alpha = 0.99;
  double momentum = 0.0;
  double eps = 1e-8;
  bool centered = false;
  std::string master_weights = "none";
};

/// The gradient over the root of its running mean square, as torch.optim.RMSprop.
class Rmsprop final : public optimizers::ParameterWise<State> {
 public:
  using Options = RmspropOptions;
  static void describe(sift::Schema<Options>& schema) {
    schema.add("alpha", &Options::alpha, "factor of the earlier mean square", sift::between(0, 1));
    schema.add("momentum", &Options::momentum, "factor of the earlier updates", sift::at_least(0));
    schema.add("eps", &Options::eps, "added to the root, for stability", sift::at_least(0));
    schema.add("centered", &Options::centered, "subtract the square of the mean gradient");
    optimizers::add_master_weights(schema);
  }

  Rmsprop(const Options& options, sift::OptimizerSetup setup)
      : ParameterWise(std::move(setup), options.master_weights, /*in_float32=*/false,
                      [&](const std::string&, const at::Tensor& weight) {
                        const auto zeros_if = [&](bool is_needed) {
                          return is_needed ? at::zeros_like(weight) : at::Tensor();
                        };
                        return State{at::zeros({}, at::kFloat), at::zeros_like(weight),
                                     zeros_if(options.momentum > 0), zeros_if(options.centered)};
                      }),
        options_(options) {}

  bool is_elementwise() const override { return true; }

  /// The keys of torch/optim/rmsprop.py.
  std::vector<GroupOption> group_options(std::size_t) const override {
    return {{"momentum", options_.momentum, Change::kWarning},
            {"alpha", options_.alpha, Change::kWarning},
            {"eps", options_.eps, Change::kWarning},
            {"centered", options_.centered, Change::kError},
            {"capturable", false},
            {"foreach", {}},
            {"maximize", false, Change::kError},
            {"differentiable", false}};
  }

 private:
  void update(State& state, const at::Tensor& weight, const at::Tensor& grad,
              const optimizers::Rates& rates) override {
    const double newest = 1.0 - options_.alpha;
    state.step.add_(1);
    const at::Tensor g = rates.weight_decay != 0 ? grad.add(weight, rates.weight_decay) : grad;
    state.square_avg.mul_(options_.alpha).addcmul_(g, g, newest);
    at::Tensor root;
    if (options_.centered) {
      state.grad_avg.lerp_(g, newest);
      root = state.square_avg.addcmul(state.grad_avg, state.grad_avg, -1).sqrt_();
    } else {
      root = state.square_avg.sqrt();
    }
    root.add_(options_.eps);
    if (state.momentum_buffer.defined()) {
      state.momentum_buffer.mul_(options_.momentum).addcdiv_(g, root);
      weight.add_(state.momentum_buffer, -rates.learning_rate);
    } else {
      weight.addcdiv_(g, root, -rates.learning_rate);
    }
  }

  Options options_;
};

}  // namespace

SIFT_PLUGIN("rmsprop", "1.0.0", "RMSprop",
            [](sift::Registry& registry) { registry.add_optimizer<Rmsprop>("rmsprop"); })
