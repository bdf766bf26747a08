#include "config/train_components.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/did_you_mean.h"
#include "config/component_sections.h"
#include "config/option_table.h"
#include "config/renamed_values.h"

namespace sift {
namespace {

const std::string kLabel = "[train]";
const std::string kCheckpointing = "gradient_checkpointing";
const std::string kKwargs = "gradient_checkpointing_kwargs";
const std::string kOffloading = "activation_offloading";

/// Keys of torch.utils.checkpoint that change nothing here: a layer that is run again gives the same bits.
const std::vector<std::string> kWithoutEffect = {"use_reentrant", "preserve_rng_state", "determinism_check",
                                                 "early_stop", "debug"};

ConfiguredComponent* named(std::vector<ConfiguredComponent>& components, const std::string& plugin) {
  const auto found = std::ranges::find_if(components, [&](const ConfiguredComponent& configured) {
    return configured.component->name == plugin;
  });
  return found == components.end() ? nullptr : &*found;
}

/// A component with its defaults; nothing, after reporting an error, if it is not installed.
std::optional<ConfiguredComponent> made(Kind kind, const std::string& plugin, const std::string& key,
                                        const Place& place, const ComponentCatalog& catalog,
                                        Diagnostics& diagnostics) {
  const LoadedComponent* component = catalog.find(kind, plugin);
  if (component == nullptr) {
    const std::string known = "known " + component_section(kind).plural;
    const std::string fate = fate_of_plugin(plugin);
    const std::string fault = fate.empty() ? fmt::format("unknown plugin {}{}", quoted(plugin),
                                                         catalog.candidates(kind, plugin, known))
                                           : fmt::format("{} {}", quoted(plugin), fate);
    diagnostics.add(place, kLabel, key + ": " + fault);
    return std::nullopt;
  }
  ConfiguredComponent configured{component, component->make_options()};
  const std::string owner = fmt::format(" for plugin '{}'", plugin);
  read_options({kLabel, key + ".", owner, component->options, configured.options.get()}, nullptr, place,
               diagnostics);
  return configured;
}

/// Whether an entry with `enabled = false` disables the plugin that `key` asks for, which is reported.
bool is_disabled(const TrainRequests& train, Kind kind, const std::string& plugin, const std::string& key,
                 Diagnostics& diagnostics) {
  const ComponentSection& section = component_section(kind);
  const TomlEntry* off = disabling_entry(find_entry(train.root, section.name)->value, plugin);
  if (off == nullptr) return false;
  diagnostics.add(train.place_of(key), kLabel,
                  fmt::format("{} asks for the plugin '{}', which {} disables {}; remove one of the two", key,
                              plugin, section.label, where(off->place)));
  return true;
}

/// What report_to lists, with "none" and "all" resolved.
std::vector<std::string> reporters(const std::vector<std::string>& report_to,
                                   const ComponentCatalog& catalog) {
  if (report_to == std::vector<std::string>{"none"}) return {};
  if (report_to != std::vector<std::string>{"all"}) return report_to;
  std::vector<std::string> all;
  for (const char* plugin : {"tensorboard", "csv"}) {
    if (catalog.find(Kind::kCallback, plugin)) all.push_back(plugin);
  }
  return all;
}

/// Reports an option that is false while [[memory]] has its plugin. True if the plugin is to be added.
bool is_requested(const std::optional<bool>& value, const std::string& key, const std::string& plugin,
                  const TrainRequests& train, std::vector<ConfiguredComponent>& memory,
                  Diagnostics& diagnostics) {
  if (value.has_value() && !*value && named(memory, plugin)) {
    diagnostics.add(
        train.place_of(key), kLabel,
        fmt::format(
            "{}: false, but [[memory]] has plugin = \"{}\"; remove one of the two, or give the entry enabled = false",
            key, plugin));
  }
  return value.value_or(false) && !is_disabled(train, Kind::kMemory, plugin, key, diagnostics);
}

void add_checkpointing(const TrainRequests& train, const ComponentCatalog& catalog,
                       std::vector<ConfiguredComponent>& memory, Diagnostics& diagnostics) {
  if (train.faulty.contains(kCheckpointing) || train.faulty.contains(kKwargs)) return;
  if (!is_requested(train.options.gradient_checkpointing, kCheckpointing, kCheckpointing, train, memory,
                    diagnostics)) {
    const bool is_unset = !train.options.gradient_checkpointing.has_value();
    if (is_unset && !train.options.gradient_checkpointing_kwargs.empty()) {
      diagnostics.add(
          train.place_of(kKwargs), kLabel,
          kKwargs + " needs gradient_checkpointing = true, which is TRL's default and not Sift's");
    }
    return;
  }
  if (!named(memory, kCheckpointing)) {
    auto added = made(Kind::kMemory, kCheckpointing, kCheckpointing, train.place_of(kCheckpointing), catalog,
                      diagnostics);
    if (!added) return;
    // the first is outermost: what it leaves to be saved is what the others get
    memory.insert(memory.begin(), std::move(*added));
  }
  const ConfiguredComponent& configured = *named(memory, kCheckpointing);
  const TomlEntry* kwargs = train.table ? find_entry(*train.table, kKwargs) : nullptr;
  const OptionTable target{
      kLabel, kKwargs + ".", "", configured.component->options, configured.options.get(), kWithoutEffect};
  read_options(target, kwargs ? kwargs->value.table() : nullptr, train.place_of(kKwargs), diagnostics);
}

}  // namespace

void add_reporters(const TrainRequests& train, const ComponentCatalog& catalog,
                   std::vector<ConfiguredComponent>& callbacks, Diagnostics& diagnostics) {
  const std::string key = "report_to";
  const std::vector<std::string>& written = train.options.report_to;
  const bool has_word = std::ranges::count(written, "none") + std::ranges::count(written, "all") > 0;
  if (has_word && written.size() > 1) {
    diagnostics.add(train.place_of(key), kLabel, key + ": 'none' and 'all' are written alone");
    return;
  }
  for (const std::string& plugin : reporters(train.options.report_to, catalog)) {
    if (named(callbacks, plugin) || is_disabled(train, Kind::kCallback, plugin, key, diagnostics)) continue;
    auto added = made(Kind::kCallback, plugin, key, train.place_of(key), catalog, diagnostics);
    if (added) callbacks.push_back(std::move(*added));
  }
}

void add_memory_strategies(const TrainRequests& train, const ComponentCatalog& catalog,
                           std::vector<ConfiguredComponent>& memory, Diagnostics& diagnostics) {
  add_checkpointing(train, catalog, memory, diagnostics);
  const std::string plugin = "activation_offload";
  if (!is_requested(train.options.activation_offloading, kOffloading, plugin, train, memory, diagnostics) ||
      named(memory, plugin)) {
    return;
  }
  auto added = made(Kind::kMemory, plugin, kOffloading, train.place_of(kOffloading), catalog, diagnostics);
  if (added) memory.push_back(std::move(*added));
}

}  // namespace sift
