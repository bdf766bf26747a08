#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <sift/error.h>
#include "config/check_config.h"
#include "config/config.h"

namespace sift::config_test {

// Configurations read against components that stand in for plugins, so that no library has to be loaded.

struct Knobs {
  double alpha = 0.5;
  std::string folder = "f";
  std::optional<std::int64_t> limit;

  static void describe(Schema<Knobs>& schema) {
    schema.add("alpha", &Knobs::alpha, "weight of the second term", between(0, 1));
    schema.add("folder", &Knobs::folder, "where | things go", not_empty());
    schema.add("limit", &Knobs::limit, "most of them", at_least(1));
  }
};

struct LogKnobs {
  std::string progress = "auto";
  static void describe(Schema<LogKnobs>& schema) {
    schema.add("progress", &LogKnobs::progress, "show a line", one_of({"auto", "off", "on"}));
  }
};

template <class Options, class Factory>
LoadedComponent component(const std::string& name) {
  LoadedComponent made;
  made.name = name;
  made.create = Factory();
  made.file = "/plugins/" + name + ".so";
  made.summary = "About " + name;
  if constexpr (!std::is_same_v<Options, NoOptions>) {
    Schema<Options> schema;
    Options::describe(schema);
    made.options = schema.specs();
  }
  made.make_options = [] { return std::make_shared<Options>(); };
  return made;
}

inline const std::vector<LoadedComponent>& installed() {
  static const std::vector<LoadedComponent> all = {
      component<Knobs, LossFactory>("dft"),
      component<NoOptions, LossFactory>("nll"),
      component<NoOptions, MetricFactory>("accuracy"),
      component<NoOptions, MetricFactory>("aux"),
      component<NoOptions, MetricFactory>("entropy"),
      component<NoOptions, CallbackFactory>("csv"),
      component<LogKnobs, CallbackFactory>("logging"),
      component<Knobs, MemoryFactory>("offload"),
      component<NoOptions, OptimizerFactory>("adamw_torch"),
      component<NoOptions, OptimizerFactory>("adamw_torch_fused"),
      component<Knobs, OptimizerFactory>("own_optimizer")};
  return all;
}

/// What is installed, less the components named.
inline ComponentCatalog catalog_without(const std::vector<std::string>& names) {
  ComponentCatalog catalog;
  for (const LoadedComponent& loaded : installed()) {
    const bool left_out = std::find(names.begin(), names.end(), loaded.name) != names.end();
    if (!left_out) catalog.components.push_back(&loaded);
  }
  PluginRecord refused;
  refused.file = "/plugins/focal.so";
  refused.refused = "built for abi 0, this program has abi 1; rebuild it";
  catalog.records.push_back(refused);
  return catalog;
}

inline Config read(const std::string& text, const std::vector<std::string>& set = {},
                   const ComponentCatalog& catalog = catalog_without({})) {
  const auto load = [&](const TomlTable&, const std::vector<std::string>&, Diagnostics&) { return catalog; };
  return read_config(text, "sift.toml", {set}, load);
}

inline std::string faults(const std::string& text, const std::vector<std::string>& set = {},
                          const ComponentCatalog& catalog = catalog_without({})) {
  try {
    read(text, set, catalog);
    return "none";
  } catch (const Error& error) {
    return error.what();
  }
}

inline const std::string kSmall =
    "[model]\n"
    "path = \"m\"\n"
    "[data]\n"
    "train = \"t.jsonl\"\n"
    "[train]\n"
    "output_dir = \"o\"\n";  // 6 lines: what a test adds to [train] is on line 7

inline std::vector<std::string> names(const std::vector<ConfiguredComponent>& components) {
  std::vector<std::string> found;
  for (const ConfiguredComponent& each : components) found.push_back(each.component->name);
  return found;
}

using Names = std::vector<std::string>;

}  // namespace sift::config_test
