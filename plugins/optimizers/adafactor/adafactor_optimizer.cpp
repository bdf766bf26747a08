#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <sift/plugin.h>
#include "shared/parameter_wise.h"

namespace {

using sift::GroupOption;
using Change = GroupOption::Change;

// Shape suffixes: r rows and c columns of the last two dimensions.
struct State {
  at::Tensor step;                                ///< 0-d int64, completed updates
  at::Tensor exp_avg;                             ///< running mean of the updates; undefined without beta1
  at::Tensor exp_avg_sq_row_r, exp_avg_sq_col_c;  ///< of the squared gradients of a matrix
  at::Tensor exp_avg_sq;                          ///< of those of a vector
  at::Tensor rms;                                 ///< 0-d, of the weight

  std::vector<sift::NamedTensor> named() const {
    std::vector<sift::NamedTensor> tensors{{"step", step}};
    for (const auto& [name, tensor] : {sift::NamedTensor{"exp_avg", exp_avg},
                                       {"exp_avg_sq_row", exp_avg_sq_row_r},
                                       {"exp_avg_sq_col", exp_avg_sq_col_c},
                                       {"exp_avg_sq", exp_avg_sq},
                                       {"RMS", rms}}) {
      if (tensor.defined()) tensors.push_back({name, tensor});
    }
    return tensors;
  }
};

struct AdafactorOptions {
  std::optional<double> beta1;
  double decay_rate = -0.8;
  double clip_threshold = 1.0;
  double eps1 = 1e-30;
  double eps2 = 1e-3;
  bool scale_parameter = false;
  std::string master_weights = "none";
};

at::Tensor rms_of(const at::Tensor& tensor) {
  return tensor.norm(2) / std::sqrt(static_cast<double>(tensor.numel()));
}

State new_state(const AdafactorOptions& options, const at::Tensor& weight) {
  State state;
  state.step = at::zeros({}, at::kLong);
  if (options.beta1) state.exp_avg = at::zeros_like(weight);
  if (weight.dim() >= 2) {
    state.exp_avg_sq_row_r = at::zeros_like(weight.select(-1, 0));
    state.exp_avg_sq_col_c = at::zeros_like(weight.select(-2, 0));
  } else {
    state.exp_avg_sq = at::zeros_like(weight);
  }
  state.rms = at::zeros({}, weight.options());
  return state;
}

/// Adafactor (arXiv 1804.04235), as transformers' Adafactor with the learning rate of the schedule.
class Adafactor final : public optimizers::ParameterWise<State> {
 public:
  using Options = AdafactorOptions;
  static void describe(sift::Schema<Options>& schema) {
    schema.add("beta1", &Options::beta1, "factor of the earlier updates; unset: no mean of updates",
               sift::between(0, 1));
    schema.add("decay_rate", &Options::decay_rate, "the mean of squares forgets with 1 - step^decay_rate");
    schema.add("clip_threshold", &Options::clip_threshold, "largest root mean square of an update",
               sift::above(0));
    schema.add("eps1", &Options::eps1, "added to the squared gradients", sift::at_least(0));
    schema.add("eps2", &Options::eps2, "smallest size of a weight for scale_parameter", sift::at_least(0));
    schema.add("scale_parameter", &Options::scale_parameter,
               "multiply the learning rate by the root mean square of the weight");
    optimizers::add_master_weights(schema);
  }

  Adafactor(const Options& options, sift::OptimizerSetup setup)
      : ParameterWise(
            std::move(setup), options.master_weights, /*in_float32=*/true,
            [&](const std::string&, const at::Tensor& weight) { return new_state(options, weight); }),
        options_(options) {}

  /// The keys of Adafactor in transformers/optimization.py.
  std::vector<GroupOption> group_options(std::size_t) const override {
    const std::vector<double> eps{options_.eps1, options_.eps2};
    GroupOption beta1{"beta1", {}};
    if (options_.beta1) beta1 = {"beta1", *options_.beta1, Change::kWarning};
    return {{"eps", eps, Change::kWarning, {"eps1", "eps2"}},
            {"clip_threshold", options_.clip_threshold, Change::kWarning},
            {"decay_rate", options_.decay_rate, Change::kWarning},
            beta1,
            {"scale_parameter", options_.scale_parameter, Change::kWarning},
            {"relative_step", false, Change::kError},
            {"warmup_init", false, Change::kError}};
  }

 private:
  void update(State& state, const at::Tensor& weight, const at::Tensor& grad,
              const optimizers::Rates& rates) override {
    state.step.add_(1);
    state.rms.copy_(rms_of(weight));
    double learning_rate = rates.learning_rate;
    if (options_.scale_parameter) learning_rate *= std::max(options_.eps2, state.rms.item().toDouble());
    at::Tensor change = normalized(state, grad);
    change.div_((rms_of(change) / options_.clip_threshold).clamp_min_(1.0)).mul_(learning_rate);
    if (options_.beta1) {
      state.exp_avg.mul_(*options_.beta1).add_(change, 1.0 - *options_.beta1);
      change = state.exp_avg;
    }
    if (rates.weight_decay != 0) weight.add_(weight, -rates.weight_decay * learning_rate);
    weight.sub_(change);
  }

  /// The gradient over the root of the running mean of its square.
  at::Tensor normalized(State& state, const at::Tensor& grad) const {
    const double step = state.step.item().toDouble();
    const double beta2 = 1.0 - std::pow(step, options_.decay_rate);
    const at::Tensor square = grad.square().add_(options_.eps1);
    if (state.exp_avg_sq.defined()) {
      state.exp_avg_sq.mul_(beta2).add_(square, 1.0 - beta2);
      return state.exp_avg_sq.rsqrt().mul_(grad);
    }
    const at::Tensor &row_r = state.exp_avg_sq_row_r, &col_c = state.exp_avg_sq_col_c;
    row_r.mul_(beta2).add_(square.mean(-1), 1.0 - beta2);
    col_c.mul_(beta2).add_(square.mean(-2), 1.0 - beta2);
    const at::Tensor of_row = (row_r / row_r.mean(-1, /*keepdim=*/true)).rsqrt_().unsqueeze(-1);
    return of_row.mul(col_c.unsqueeze(-2).rsqrt()).mul_(grad);
  }

  Options options_;
};

}  // namespace

SIFT_PLUGIN("adafactor", "1.0.0", "Adafactor, with factored second moments",
            [](sift::Registry& registry) { registry.add_optimizer<Adafactor>("adafactor"); })
