#include <ATen/ops/zeros_like.h>

#include <utility>

#include <sift/plugin.h>
#include "shared/parameter_wise.h"

namespace {

using sift::GroupOption;
using Change = GroupOption::Change;

struct State {
  at::Tensor momentum_buffer;  ///< undefined without momentum
  bool is_new = true;          ///< the first gradient becomes the buffer

  std::vector<sift::NamedTensor> named() const {
    if (!momentum_buffer.defined()) return {};
    return {{"momentum_buffer", momentum_buffer}};
  }
};

struct SgdOptions {
  double momentum = 0.0;
  double dampening = 0.0;
  bool nesterov = false;
  std::string master_weights = "none";
};

/// Stochastic gradient descent with momentum, as torch.optim.SGD.
class Sgd final : public optimizers::ParameterWise<State> {
 public:
  using Options = SgdOptions;
  static void describe(sift::Schema<Options>& schema) {
    schema.add("momentum", &Options::momentum, "factor of the earlier gradients", sift::at_least(0));
    schema.add("dampening", &Options::dampening, "1 minus the factor of the newest gradient");
    schema.add("nesterov", &Options::nesterov, "look one step ahead; needs momentum and no dampening");
    optimizers::add_master_weights(schema);
  }

  Sgd(const Options& options, sift::OptimizerSetup setup)
      : ParameterWise(std::move(setup), options.master_weights, /*in_float32=*/false,
                      [&](const std::string&, const at::Tensor& weight) {
                        return State{options.momentum != 0 ? at::zeros_like(weight) : at::Tensor()};
                      }),
        options_(options) {
    if (options.nesterov && (options.momentum <= 0 || options.dampening != 0))
      throw sift::Error("nesterov in optim_args needs momentum above 0 and dampening 0");
  }

  bool is_elementwise() const override { return true; }

  /// The keys of torch/optim/sgd.py.
  std::vector<GroupOption> group_options(std::size_t) const override {
    return {{"momentum", options_.momentum, Change::kWarning},
            {"dampening", options_.dampening, Change::kWarning},
            {"nesterov", options_.nesterov, Change::kError},
            {"maximize", false, Change::kError},
            {"foreach", {}},
            {"differentiable", false},
            {"fused", {}}};
  }

  void load_group(std::size_t group, const std::vector<GroupOption>&) override {
    for (Slot& slot : slots_of(group)) {
      // one that the checkpoint lacks has had no gradient yet
      const at::Tensor& buffer = slot.state.momentum_buffer;
      slot.state.is_new = buffer.defined() && !buffer.any().item<bool>();
    }
  }

 private:
  void update(State& state, const at::Tensor& weight, const at::Tensor& grad,
              const optimizers::Rates& rates) override {
    at::Tensor change = rates.weight_decay != 0 ? grad.add(weight, rates.weight_decay) : grad;
    if (const at::Tensor& buffer = state.momentum_buffer; buffer.defined()) {
      if (state.is_new) {
        buffer.copy_(change);
      } else {
        buffer.mul_(options_.momentum).add_(change, 1.0 - options_.dampening);
      }
      change = options_.nesterov ? change.add(buffer, options_.momentum) : buffer;
    }
    state.is_new = false;
    weight.add_(change, -rates.learning_rate);
  }

  Options options_;
};

}  // namespace

SIFT_PLUGIN("sgd", "1.0.0", "Stochastic gradient descent with momentum",
            [](sift::Registry& registry) { registry.add_optimizer<Sgd>("sgd"); })
