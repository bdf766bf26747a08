#include "config/optimizer_options.h"

#include <fmt/format.h>

#include "base/did_you_mean.h"
#include "config/option_table.h"
#include "config/renamed_values.h"

namespace sift {

ConfiguredComponent read_optimizer(const std::string& optim, const TomlTable* args, const Place& place,
                                   const ComponentCatalog& catalog, Diagnostics& diagnostics) {
  const LoadedComponent* component = catalog.find(Kind::kOptimizer, optim);
  if (component == nullptr) {
    if (const std::string fate = fate_of_plugin(optim); !fate.empty()) {
      diagnostics.add(place, "[train]", fmt::format("optim: {} {}", to_toml(optim), fate));
      return {};
    }
    diagnostics.add(place, "[train]",
                    fmt::format("optim: unknown optimizer {}{}", quoted(optim),
                                catalog.candidates(Kind::kOptimizer, optim, "known optimizers")));
    return {};
  }
  ConfiguredComponent configured{component, component->make_options(), place.is_default};
  const std::string owner = fmt::format(" for optim '{}'", optim);
  const OptionTable target{"[train]", "optim_args.", owner, component->options, configured.options.get()};
  read_options(target, args, place, diagnostics);
  return configured;
}

}  // namespace sift
