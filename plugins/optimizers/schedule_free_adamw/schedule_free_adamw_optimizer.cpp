#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <variant>

#include <sift/plugin.h>
#include "shared/parameter_wise.h"

namespace {

using sift::GroupOption;
using Change = GroupOption::Change;

struct State {
  at::Tensor z;           ///< the weights of plain AdamW without momentum
  at::Tensor exp_avg_sq;  ///< running mean of the squared gradients

  std::vector<sift::NamedTensor> named() const { return {{"z", z}, {"exp_avg_sq", exp_avg_sq}}; }
};

struct ScheduleFreeOptions {
  double r = 0.0;
  double weight_lr_power = 2.0;
  std::string master_weights = "none";
};

/// Schedule-free AdamW (arXiv 2405.15682), as schedulefree.AdamWScheduleFree. Between two steps the weights
/// are x, the running mean of z; the gradients are taken at y, between the two.
class ScheduleFreeAdamW final : public optimizers::ParameterWise<State> {
 public:
  using Options = ScheduleFreeOptions;
  static void describe(sift::Schema<Options>& schema) {
    schema.add("r", &Options::r, "power of the step's number in its weight in the mean");
    schema.add("weight_lr_power", &Options::weight_lr_power,
               "power of the largest learning rate so far in the weight of a step in the mean");
    optimizers::add_master_weights(schema, sift::one_of({"none", "float32"}));
  }

  ScheduleFreeAdamW(const Options& options, sift::OptimizerSetup setup)
      : ParameterWise(std::move(setup), options.master_weights, /*in_float32=*/false,
                      [](const std::string&, const at::Tensor& weight) {
                        return State{weight.detach().clone(), at::zeros_like(weight)};
                      }),
        options_(options) {
    if (this->setup().adam_beta1 <= 0) throw sift::Error("adam_beta1 in [train] must be above 0");
  }

  void begin_step() override { move_to_z(1.0 - setup().adam_beta1); }
  void end_step() override { move_to_z(1.0 - 1.0 / setup().adam_beta1); }

  void step(const sift::OptimizerStep& step) override {
    const double warmup = static_cast<double>(setup().num_warmup_steps);
    const double number = static_cast<double>(num_updates_ + 1);
    scheduled_lr_ = step.learning_rate * (number <= warmup ? number / warmup : 1.0);
    lr_max_ = std::max(scheduled_lr_, lr_max_);
    const double weight = std::pow(number, options_.r) * std::pow(lr_max_, options_.weight_lr_power);
    weight_sum_ += weight;
    newest_ = weight_sum_ != 0 ? weight / weight_sum_ : 0.0;
    ParameterWise::step({scheduled_lr_, step.grad_scale, step.found_inf});
    ++num_updates_;
  }

  /// The keys of AdamWScheduleFree.
  std::vector<GroupOption> group_options(std::size_t) const override {
    const std::vector<double> betas{setup().adam_beta1, setup().adam_beta2};
    return {{"betas", betas, Change::kWarning, {"adam_beta1", "adam_beta2"}},
            {"eps", setup().adam_epsilon, Change::kWarning, {"adam_epsilon"}},
            {"r", options_.r, Change::kWarning},
            {"k", num_updates_, Change::kState},
            {"warmup_steps", setup().num_warmup_steps, Change::kWarning},
            {"train_mode", false, Change::kState},
            {"weight_sum", weight_sum_, Change::kState},
            {"lr_max", lr_max_, Change::kState},
            {"scheduled_lr", scheduled_lr_, Change::kState},
            {"weight_lr_power", options_.weight_lr_power, Change::kWarning},
            {"foreach", true}};
  }

  void load_group(std::size_t group, const std::vector<GroupOption>& saved) override {
    bool is_at_y = false;
    for (const auto& [key, value, change, names] : saved) {
      if (key == "k") num_updates_ = std::get<std::int64_t>(value);
      if (key == "weight_sum") weight_sum_ = std::get<double>(value);
      if (key == "lr_max") lr_max_ = std::get<double>(value);
      if (key == "scheduled_lr") scheduled_lr_ = std::get<double>(value);
      if (key == "train_mode") is_at_y = std::get<bool>(value);
    }
    // transformers saves the weights as they are in training
    if (is_at_y) move_to_z(slots_of(group), 1.0 - 1.0 / setup().adam_beta1);
  }

 private:
  /// From x to y, or back.
  void move_to_z(double weight) {
    for (std::size_t group = 0; group < setup().groups.size(); ++group) move_to_z(slots_of(group), weight);
  }
  static void move_to_z(std::vector<Slot>& slots, double weight) {
    for (Slot& slot : slots) {
      const at::Tensor moved = slot.weight.load().lerp_(slot.state.z, weight);
      slot.weight.store(moved, 0);
    }
  }

  /// `y` is the weight.
  void update(State& state, const at::Tensor& y, const at::Tensor& grad,
              const optimizers::Rates& rates) override {
    const double beta1 = setup().adam_beta1, beta2 = setup().adam_beta2;
    const double correction2 = 1.0 - std::pow(beta2, static_cast<double>(num_updates_ + 1));
    state.exp_avg_sq.mul_(beta2).addcmul_(grad, grad, 1.0 - beta2);
    const at::Tensor root = state.exp_avg_sq.div(correction2).sqrt_().add_(setup().adam_epsilon);
    const at::Tensor change = grad.div(root);
    if (rates.weight_decay != 0) change.add_(y, rates.weight_decay);
    y.lerp_(state.z, newest_).add_(change, rates.learning_rate * (beta1 * (1.0 - newest_) - 1.0));
    state.z.sub_(change, rates.learning_rate);
  }

  Options options_;
  std::int64_t num_updates_ = 0;
  double weight_sum_ = 0.0;
  double lr_max_ = -1.0;
  double scheduled_lr_ = 0.0;
  double newest_ = 0.0;  ///< the weight of the step in the mean
};

}  // namespace

SIFT_PLUGIN("schedule_free_adamw", "1.0.0", "AdamW that needs no learning-rate schedule",
            [](sift::Registry& registry) {
              registry.add_optimizer<ScheduleFreeAdamW>("schedule_free_adamw");
            })
