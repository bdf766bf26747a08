#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <ATen/core/grad_mode.h>

#include "optim/optimizer_state.h"
#include "optim/parameter_groups.h"
#include "plugin/host.h"

namespace sift::test {

/// The plugin of the default optimizer.
inline const LoadedComponent& adamw_component() {
  static const std::unique_ptr<PluginHost> host = [] {
    auto loaded = std::make_unique<PluginHost>();
    loaded->load_file(std::filesystem::path(SIFT_PLUGINS) / "sift_optimizer_adamw.so");
    return loaded;
  }();
  return *host->find(Kind::kOptimizer, "adamw_torch_fused");
}

struct AdamWSettings {
  double weight_decay = 0.0;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

inline std::unique_ptr<Optimizer> adamw(const std::vector<Parameter>& parameters,
                                        const AdamWSettings& settings = {}) {
  return std::get<OptimizerFactory>(adamw_component().create)(
      adamw_component().make_options().get(), {parameter_groups(parameters, settings.weight_decay),
                                               settings.beta1, settings.beta2, settings.epsilon});
}

/// A step as the loop makes it, with gradients that are known to be finite.
inline void step(Optimizer& optimizer, double learning_rate, const at::Tensor& grad_scale) {
  const at::NoGradGuard no_grad;
  optimizer.step({learning_rate, grad_scale, {}});
}

/// One tensor of a parameter's state.
inline at::Tensor state_of(const Optimizer& optimizer, std::size_t group, std::size_t parameter,
                           const std::string& name) {
  for (const auto& [key, tensor] : optimizer.parameter_state(group, parameter)) {
    if (key == name) return tensor;
  }
  return {};
}

}  // namespace sift::test
