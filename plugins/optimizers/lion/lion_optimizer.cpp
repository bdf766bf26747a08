#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <utility>

#include <sift/plugin.h>
#include "shared/parameter_wise.h"

namespace {

using sift::GroupOption;
using Change = GroupOption::Change;

struct State {
  at::Tensor step;      ///< 0-d int64, completed updates
  at::Tensor momentum;  ///< float32, running mean of the gradients

  /// As bitsandbytes saves them.
  std::vector<sift::NamedTensor> named() const {
    return {{"step", step}, {"__bnb_optimizer_quant_state__/state1", momentum}};
  }
};

struct LionOptions {
  std::string master_weights = "none";
};

/// Lion (arXiv 2302.06675), as bitsandbytes' Lion of 32 bits: the sign of a mix of momentum and gradient.
class Lion final : public optimizers::ParameterWise<State> {
 public:
  using Options = LionOptions;
  static void describe(sift::Schema<Options>& schema) { optimizers::add_master_weights(schema); }

  Lion(const Options& options, sift::OptimizerSetup setup)
      : ParameterWise(std::move(setup), options.master_weights, /*in_float32=*/true,
                      [](const std::string&, const at::Tensor& weight) {
                        return State{at::zeros({}, at::kLong), at::zeros_like(weight)};
                      }) {}

  bool is_elementwise() const override { return true; }

  /// The keys of Optimizer1State in bitsandbytes/optim/optimizer.py.
  std::vector<GroupOption> group_options(std::size_t) const override {
    const std::vector<double> betas{setup().adam_beta1, setup().adam_beta2};
    return {{"betas", betas, Change::kWarning, {"adam_beta1", "adam_beta2"}}, {"eps", 0.0}};
  }

 private:
  void update(State& state, const at::Tensor& weight, const at::Tensor& grad,
              const optimizers::Rates& rates) override {
    const double beta1 = setup().adam_beta1, beta2 = setup().adam_beta2;
    state.step.add_(1);
    if (rates.weight_decay > 0) weight.mul_(1.0 - rates.learning_rate * rates.weight_decay);
    const at::Tensor direction = state.momentum.mul(beta1).add_(grad, 1.0 - beta1).sign_();
    weight.add_(direction, -rates.learning_rate);
    state.momentum.mul_(beta2).add_(grad, 1.0 - beta2);
  }
};

}  // namespace

SIFT_PLUGIN("lion", "1.0.0", "Lion, with float32 momentum",
            [](sift::Registry& registry) { registry.add_optimizer<Lion>("lion_32bit"); })
