#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>

#include <utility>

#include <sift/plugin.h>

/// SGD with momentum, as torch.optim.SGD: b = momentum * b + g + weight_decay * w, then w -= learning_rate *
/// b.
class SgdOptimizer final : public sift::Optimizer {
 public:
  struct Options {
    double momentum = 0.9;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("momentum", &Options::momentum, "factor of the earlier gradients", sift::between(0, 1));
  }
  SgdOptimizer(const Options& options, sift::OptimizerSetup setup)
      : Optimizer(std::move(setup)), options_(options) {
    for (const sift::ParameterGroup& group : this->setup().groups) {
      auto& buffers = buffers_.emplace_back();
      for (const sift::NamedTensor& parameter : group.parameters)
        buffers.push_back(at::zeros_like(parameter.tensor));
    }
  }

  void step(const sift::OptimizerStep& step) override {
    for (std::size_t group = 0; group < buffers_.size(); ++group) {
      const auto& [weight_decay, parameters] = setup().groups[group];
      for (std::size_t i = 0; i < parameters.size(); ++i) {
        const at::Tensor& weight = parameters[i].tensor;
        if (!weight.grad().defined()) continue;
        const at::Tensor& buffer = buffers_[group][i];
        buffer.mul_(options_.momentum).add_(weight.grad() * step.grad_scale).add_(weight, weight_decay);
        weight.add_(buffer, -step.learning_rate);
      }
    }
  }

  // saved in optimizer.pt, where torch.optim.SGD finds it
  std::vector<sift::NamedTensor> parameter_state(std::size_t group, std::size_t parameter) const override {
    return {{"momentum_buffer", buffers_[group][parameter]}};
  }
  std::vector<sift::GroupOption> group_options(std::size_t) const override {
    using Change = sift::GroupOption::Change;
    return {{"momentum", options_.momentum, Change::kWarning},
            {"dampening", 0.0, Change::kWarning},
            {"nesterov", false, Change::kError}};
  }

 private:
  Options options_;
  std::vector<std::vector<at::Tensor>> buffers_;  ///< by group and parameter
};

SIFT_PLUGIN("sgd_momentum", "1.0.0", "SGD with momentum",
            [](sift::Registry& registry) { registry.add_optimizer<SgdOptimizer>("sgd_momentum"); })
