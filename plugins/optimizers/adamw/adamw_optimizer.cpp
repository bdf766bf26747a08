#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <utility>

#include <sift/adamw.h>
#include <sift/plugin.h>
#include "shared/parameter_wise.h"

namespace {

using sift::GroupOption;
using Change = GroupOption::Change;

/// AdamW (arXiv 1711.05101), as torch.optim.AdamW(fused=True).
class AdamW final : public sift::Optimizer {
 public:
  explicit AdamW(sift::OptimizerSetup setup) : Optimizer(std::move(setup)) {
    for (const sift::ParameterGroup& group : this->setup().groups) {
      std::vector<State>& states = states_.emplace_back();
      for (const auto& [name, weight] : group.parameters) {
        states.push_back({at::zeros_like(weight), at::zeros_like(weight),
                          at::zeros({}, weight.options().dtype(at::kFloat).requires_grad(false))});
      }
    }
  }

  void step(const sift::OptimizerStep& step) override {
    for (std::size_t group = 0; group < states_.size(); ++group) step_group(group, step);
  }

  bool supports_found_inf() const override { return true; }

  std::vector<sift::NamedTensor> parameter_state(std::size_t group, std::size_t parameter) const override {
    const State& state = states_[group][parameter];
    return {{"step", state.step}, {"exp_avg", state.exp_avg}, {"exp_avg_sq", state.exp_avg_sq}};
  }

  /// The keys of torch/optim/adamw.py.
  std::vector<GroupOption> group_options(std::size_t) const override {
    const std::vector<double> betas{setup().adam_beta1, setup().adam_beta2};
    return {{"betas", betas, Change::kWarning, {"adam_beta1", "adam_beta2"}},
            {"eps", setup().adam_epsilon, Change::kWarning, {"adam_epsilon"}},
            {"amsgrad", false, Change::kError},
            {"maximize", false, Change::kError},
            {"foreach", {}},
            {"capturable", false},
            {"differentiable", false},
            {"fused", true},
            {"decoupled_weight_decay", true}};
  }

 private:
  struct State {
    at::Tensor exp_avg, exp_avg_sq;
    at::Tensor step;  ///< 0-d float32, completed updates of this parameter
  };

  void step_group(std::size_t index, const sift::OptimizerStep& step) {
    const sift::ParameterGroup& group = setup().groups[index];
    sift::AdamWTensors tensors;
    for (std::size_t i = 0; i < group.parameters.size(); ++i) {
      const at::Tensor& weight = group.parameters[i].tensor;
      if (!weight.grad().defined()) continue;
      const State& state = states_[index][i];
      tensors.weights.push_back(weight);
      tensors.grads.push_back(weight.grad());
      tensors.exp_avgs.push_back(state.exp_avg);
      tensors.exp_avg_sqs.push_back(state.exp_avg_sq);
      tensors.steps.push_back(state.step);
    }
    sift::adamw_update(tensors, step.grad_scale, step.found_inf,
                       {step.learning_rate, setup().adam_beta1, setup().adam_beta2, group.weight_decay,
                        setup().adam_epsilon});
  }

  std::vector<std::vector<State>> states_;  ///< by group and parameter
};

}  // namespace

SIFT_PLUGIN("adamw", "1.0.0", "AdamW, fused", [](sift::Registry& registry) {
  for (const char* name : {"adamw_torch", "adamw_torch_fused"}) registry.add_optimizer<AdamW>(name);
})
