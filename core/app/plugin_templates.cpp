#include "app/plugin_templates.h"

namespace sift {
namespace {

const std::string kLoss = R"(#include <sift/plugin.h>

/// The negative log-likelihood times `scale`: a starting point.
class @Class@ final : public sift::PerTokenLoss {
 public:
  struct Options {
    double scale = 1.0;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("scale", &Options::scale, "factor on the loss", sift::above(0));
  }
  explicit @Class@(const Options& options) : options_(options) {}

 protected:
  // [M], one value per scored token; Sift sums and divides by the tokens of the whole update
  at::Tensor per_token(const sift::TokenStats& stats) override { return -options_.scale * stats.log_prob_m; }

 private:
  Options options_;
};

SIFT_PLUGIN("@name@", "0.1.0", "The loss @name@",
            [](sift::Registry& registry) { registry.add_loss<@Class@>("@name@"); })
)";

const std::string kMetric = R"(#include <sift/plugin.h>

/// The mean probability of the scored tokens to the power of `power`: a starting point.
class @Class@ final : public sift::Metric {
 public:
  struct Options {
    double power = 1.0;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("power", &Options::power, "exponent of the probability", sift::above(0));
  }
  explicit @Class@(const Options& options) : options_(options) {}

  std::string key() const override { return "@name@"; }

  // a 0-d tensor, left on its device; an undefined one if there is no value
  at::Tensor compute(const sift::MetricInput& input) override {
    const at::Tensor& log_prob_m = input.stats.log_prob_m;
    if (!log_prob_m.defined() || log_prob_m.numel() == 0) return {};
    return (options_.power * log_prob_m).exp().mean();
  }

 private:
  Options options_;
};

SIFT_PLUGIN("@name@", "0.1.0", "The metric @name@",
            [](sift::Registry& registry) { registry.add_metric<@Class@>("@name@"); })
)";

const std::string kCallback = R"(#include <sift/log.h>
#include <sift/plugin.h>

/// Logs the progress of the run: a starting point. sift/callback.h lists all events.
class @Class@ final : public sift::Callback {
 public:
  struct Options {
    std::int64_t every = 100;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("every", &Options::every, "steps between two messages", sift::at_least(1));
  }
  explicit @Class@(const Options& options) : options_(options) {}

  void on_step_end(sift::CallbackContext& context) override {
    const std::int64_t step = context.state.global_step;
    if (step % options_.every == 0) sift::log_info("@name@: step " + std::to_string(step) + " is done");
  }

  // A callback with state saves and restores it here; otherwise a resumed run differs:
  // std::string state() const override;
  // void load_state(const std::string& bytes) override;

 private:
  Options options_;
};

SIFT_PLUGIN("@name@", "0.1.0", "The callback @name@",
            [](sift::Registry& registry) { registry.add_callback<@Class@>("@name@"); })
)";

const std::string kMemory = R"(#include <sift/plugin.h>

/// Runs every layer unchanged: a starting point. Loss and gradients must stay bitwise identical.
class @Class@ final : public sift::MemoryStrategy {
 public:
  struct Options {
    std::int64_t first_layers = 0;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("first_layers", &Options::first_layers, "number of layers to wrap; 0: all", sift::at_least(0));
  }
  explicit @Class@(const Options& options) : options_(options) {}

  at::Tensor run_layer(const sift::Layer& layer, const at::Tensor& hidden_nh) override {
    const bool is_chosen = options_.first_layers == 0 || layer.index < options_.first_layers;
    if (!is_chosen) return layer.forward(hidden_nh);
    return layer.forward(hidden_nh);  // replace this with your strategy
  }

 private:
  Options options_;
};

SIFT_PLUGIN("@name@", "0.1.0", "The memory strategy @name@",
            [](sift::Registry& registry) { registry.add_memory<@Class@>("@name@"); })
)";

const std::string kOptimizer = R"(#include <ATen/TensorOperators.h>

#include <utility>

#include <sift/plugin.h>

/// Plain SGD times `scale`: a starting point. examples/custom_optimizer has state.
class @Class@ final : public sift::Optimizer {
 public:
  struct Options {
    double scale = 1.0;
  };
  static void describe(sift::Schema<Options>& schema) {
    schema.add("scale", &Options::scale, "factor on the learning rate", sift::above(0));
  }
  @Class@(const Options& options, sift::OptimizerSetup setup) : Optimizer(std::move(setup)), options_(options) {}

  void step(const sift::OptimizerStep& step) override {
    const double rate = options_.scale * step.learning_rate;
    for (const auto& [weight_decay, parameters] : setup().groups) {
      for (const auto& [name, weight] : parameters) {
        if (!weight.grad().defined()) continue;  // no loss reached it in this step
        weight.mul_(1.0 - rate * weight_decay).sub_(weight.grad() * step.grad_scale, rate);
      }
    }
  }

  // the tensors that a checkpoint must hold for each parameter, and the options in its param_groups
  std::vector<sift::NamedTensor> parameter_state(std::size_t, std::size_t) const override { return {}; }
  std::vector<sift::GroupOption> group_options(std::size_t) const override { return {}; }

 private:
  Options options_;
};

SIFT_PLUGIN("@name@", "0.1.0", "The optimizer @name@",
            [](sift::Registry& registry) { registry.add_optimizer<@Class@>("@name@"); })
)";

}  // namespace

const std::vector<PluginTemplate>& plugin_templates() {
  static const std::vector<PluginTemplate> all = {
      {"loss", kLoss, "[loss]\nplugin = \"@name@\"\nscale = 1.0"},
      {"metric", kMetric, "[[metrics]]\nplugin = \"@name@\"\npower = 1.0"},
      {"callback", kCallback, "[[callbacks]]\nplugin = \"@name@\"\nevery = 100"},
      {"memory", kMemory, "[[memory]]\nplugin = \"@name@\"\nfirst_layers = 0"},
      {"optimizer", kOptimizer, "[train]\noptim = \"@name@\"\noptim_args = { scale = 1.0 }"}};
  return all;
}

const std::string kPluginCmakeLists = R"(cmake_minimum_required(VERSION 3.25)
project(@target@ LANGUAGES CXX)

find_package(Sift REQUIRED)
sift_add_plugin(@target@ @target@.cpp)
)";

const std::string kPluginReadme = R"(# @name@

Build it against an installed Sift, from this folder:

    cmake -S . -B build -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH=@prefix@
    cmake --build build
    sift plugins build/@target@.so      # shows whether it loads, or why not
    sift describe @name@ build/@target@.so

Name it in a configuration:

```toml
@usage@

[plugins]
paths = ["build/@target@.so"]  # relative to the working directory of sift
```
)";

}  // namespace sift
