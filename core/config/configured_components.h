#pragma once

#include <memory>
#include <vector>

#include "plugin/host.h"

namespace sift {

/// A component as a configuration asks for it, with its checked options.
struct ConfiguredComponent {
  const LoadedComponent* component = nullptr;
  std::shared_ptr<void> options;  ///< the component's own Options struct
  bool is_default = false;        ///< not requested by the file
};

/// The components of a run.
struct ConfiguredComponents {
  ConfiguredComponent loss;
  std::vector<ConfiguredComponent> metrics;
  std::vector<ConfiguredComponent> callbacks;
  std::vector<ConfiguredComponent> memory;
  ConfiguredComponent optimizer;  ///< optim and optim_args of [train]
};

}  // namespace sift
