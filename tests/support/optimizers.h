#pragma once

#include <ATen/core/grad_mode.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <sift/error.h>
#include "optim/parameter_groups.h"
#include "plugin/host.h"

namespace sift::test {

/// The names in `optim` of the shipped optimizers.
inline const std::vector<std::string>& optimizer_names() {
  static const std::vector<std::string> names = {"adamw_torch_fused",   "adamw_8bit", "adafactor",
                                                 "lion_32bit",          "muon",       "rmsprop",
                                                 "schedule_free_adamw", "sgd"};
  return names;
}

inline const PluginHost& shipped_plugins() {
  static const std::unique_ptr<PluginHost> host = [] {
    auto loaded = std::make_unique<PluginHost>();
    loaded->load_folder(SIFT_PLUGINS, true);
    return loaded;
  }();
  return *host;
}

using OptimizerArgs = std::vector<std::pair<std::string, OptionValue>>;

/// The optimizer that `optim` names, with options as in optim_args.
inline std::unique_ptr<Optimizer> optimizer_of(const std::string& optim, const OptimizerArgs& args,
                                               OptimizerSetup setup) {
  const at::NoGradGuard no_grad;
  const LoadedComponent* component = shipped_plugins().find(Kind::kOptimizer, optim);
  if (component == nullptr) throw Error("no optimizer " + optim);
  const std::shared_ptr<void> options = component->make_options();
  for (const auto& [key, value] : args) {
    for (const OptionSpec& spec : component->options) {
      if (spec.key == key) spec.set(options.get(), checked_value(spec, value));
    }
  }
  return std::get<OptimizerFactory>(component->create)(options.get(), std::move(setup));
}

/// A step as the loop makes it, whose gradients are finite and not clipped unless `grad_scale` says so.
inline void whole_step(Optimizer& optimizer, double learning_rate, const at::Tensor& grad_scale) {
  const at::NoGradGuard no_grad;
  optimizer.begin_step();
  optimizer.step({learning_rate, grad_scale, {}});
  optimizer.end_step();
}

}  // namespace sift::test
