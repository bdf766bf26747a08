#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <map>
#include <utility>

#include <sift/adamw.h>
#include <sift/plugin.h>
#include "shared/master_weight.h"

namespace {

using sift::GroupOption;
using Change = GroupOption::Change;

struct AdamWOptions {
  std::string master_weights = "none";
};

/// AdamW (arXiv 1711.05101), as torch.optim.AdamW(fused=True).
class AdamW final : public sift::Optimizer {
 public:
  using Options = AdamWOptions;
  static void describe(sift::Schema<Options>& schema) { optimizers::add_master_weights(schema); }

  AdamW(const Options& options, sift::OptimizerSetup setup)
      : Optimizer(std::move(setup)), keys_(this->setup().seed, options.master_weights) {
    std::size_t number = 0;
    for (const sift::ParameterGroup& group : this->setup().groups) {
      std::vector<State>& states = states_.emplace_back();
      for (const auto& [name, tensor] : group.parameters) {
        const optimizers::MasterWeight master(tensor, options.master_weights, /*in_float32=*/false);
        const at::Tensor weight = master.load();
        states.push_back({number++, master, at::zeros_like(weight), at::zeros_like(weight),
                          at::zeros({}, weight.options().dtype(at::kFloat).requires_grad(false))});
      }
    }
  }

  void step(const sift::OptimizerStep& step) override {
    keys_.begin_step();
    for (std::size_t group = 0; group < states_.size(); ++group) step_group(group, step);
  }

  bool supports_found_inf() const override { return true; }
  bool is_elementwise() const override { return true; }

  std::vector<sift::NamedTensor> parameter_state(std::size_t group, std::size_t parameter) const override {
    const State& state = states_[group][parameter];
    std::vector<sift::NamedTensor> tensors{
        {"step", state.step}, {"exp_avg", state.exp_avg}, {"exp_avg_sq", state.exp_avg_sq}};
    if (state.master.kept().defined()) tensors.push_back({"master_weight", state.master.kept()});
    return tensors;
  }

  std::string state() const override { return keys_.state(); }
  void load_state(const std::string& bytes) override { keys_.load_state(bytes); }

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
    std::size_t number;  ///< of the parameter
    optimizers::MasterWeight master;
    at::Tensor exp_avg, exp_avg_sq;
    at::Tensor step;  ///< 0-d float32, completed updates of this parameter
  };

  void step_group(std::size_t index, const sift::OptimizerStep& step) {
    const sift::ParameterGroup& group = setup().groups[index];
    const sift::AdamWOptions rates{step.learning_rate, setup().adam_beta1, setup().adam_beta2,
                                   group.weight_decay, setup().adam_epsilon};
    std::map<at::ScalarType, sift::AdamWTensors> together;  // one update takes tensors of one type
    for (std::size_t i = 0; i < group.parameters.size(); ++i) {
      const at::Tensor& weight = group.parameters[i].tensor;
      if (!weight.grad().defined()) continue;
      const State& state = states_[index][i];
      if (state.master.is_direct()) {
        add(together[weight.scalar_type()], weight, weight.grad(), state);
        continue;
      }
      // one at a time, so that there is one float32 copy at a time
      sift::AdamWTensors alone;
      add(alone, state.master.load(), weight.grad().to(at::kFloat), state);
      sift::adamw_update(alone, step.grad_scale, step.found_inf, rates);
      state.master.store(alone.weights.front(), keys_.key(state.number));
    }
    for (const auto& [dtype, tensors] : together)
      sift::adamw_update(tensors, step.grad_scale, step.found_inf, rates);
  }

  static void add(sift::AdamWTensors& tensors, const at::Tensor& weight, const at::Tensor& grad,
                  const State& state) {
    tensors.weights.push_back(weight);
    tensors.grads.push_back(grad);
    tensors.exp_avgs.push_back(state.exp_avg);
    tensors.exp_avg_sqs.push_back(state.exp_avg_sq);
    tensors.steps.push_back(state.step);
  }

  std::vector<std::vector<State>> states_;  ///< by group and parameter
  optimizers::UpdateKeys keys_;
};

}  // namespace

SIFT_PLUGIN("adamw", "1.0.0", "AdamW, fused", [](sift::Registry& registry) {
  for (const char* name : {"adamw_torch", "adamw_torch_fused"}) registry.add_optimizer<AdamW>(name);
})
