#include "config/component_sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/did_you_mean.h"
#include "config/option_table.h"
#include "config/renamed_values.h"

namespace sift {
namespace {

/// Optional defaults, skipped if they are not installed.
constexpr const char* kEntropy = "entropy";
constexpr const char* kAux = "aux";

const std::string kPluginKey = "plugin";
const std::string kEnabledKey = "enabled";

Place default_place() {
  Place place;
  place.is_default = true;
  return place;
}

TomlValue default_table(const std::string& plugin) {
  const Place place = default_place();
  return {TomlTable{{kPluginKey, place, {plugin, place}}}, place};
}

void add_missing_defaults(const ComponentSection& section, TomlArray& items) {
  for (const std::string& plugin : section.defaults) {
    const bool is_named = std::ranges::any_of(items, [&](const TomlValue& item) {
      const std::string* name = plugin_of(item);
      return name && *name == plugin;
    });
    if (!is_named) items.push_back(default_table(plugin));
  }
}

std::string unknown_plugin(const ComponentSection& section, const std::string& name,
                           const ComponentCatalog& catalog) {
  for (const ComponentSection& other : component_sections()) {
    if (other.kind == section.kind || !catalog.find(other.kind, name)) continue;
    return fmt::format("plugin {} is a {}: it belongs in {}", quoted(name), to_string(other.kind),
                       other.label);
  }
  if (const std::string fate = fate_of_plugin(name); !fate.empty()) {
    return fmt::format("plugin {} {}", quoted(name), fate);
  }
  return fmt::format("unknown plugin {}{}", quoted(name),
                     catalog.candidates(section.kind, name, "known " + section.plural));
}

/// The component that a table selects; nullptr, after reporting an error, if it selects none.
const LoadedComponent* named_component(const ComponentSection& section, const TomlValue& value,
                                       const ComponentCatalog& catalog, Diagnostics& diagnostics) {
  const TomlEntry* plugin = value.table() ? find_entry(*value.table(), kPluginKey) : nullptr;
  if (!plugin) {
    const std::string found = value.table() ? "" : fmt::format(", found {}", describe(value));
    diagnostics.add(value.place, section.label,
                    fmt::format("expected a table with plugin = \"...\"{}; known {}: {}", found,
                                section.plural, listed(catalog.names(section.kind))));
    return nullptr;
  }
  const std::string* name = plugin->value.string();
  if (!name) {
    diagnostics.add(plugin->value.place, section.label,
                    fmt::format("plugin: expected a string, found {}", describe(plugin->value)));
    return nullptr;
  }
  const LoadedComponent* component = catalog.find(section.kind, *name);
  if (component) return component;
  if (!plugin->value.place.is_default) {
    diagnostics.add(plugin->value.place, section.label, unknown_plugin(section, *name, catalog));
  } else if (*name != kEntropy && *name != kAux) {
    diagnostics.add(
        value.place, section.label,
        fmt::format("the default plugin '{}' is not installed; known {}: {}{}", *name, section.plural,
                    listed(catalog.names(section.kind)), catalog.refused_like(*name)));
  }
  return nullptr;
}

/// False for `enabled = false`.
bool is_enabled(const ComponentSection& section, const TomlTable& table, Diagnostics& diagnostics) {
  const TomlEntry* enabled = find_entry(table, kEnabledKey);
  if (!enabled) return true;
  if (const bool* value = std::get_if<bool>(&enabled->value.data)) return *value;
  diagnostics.add(enabled->value.place, section.label,
                  fmt::format("enabled: expected a boolean, found {}", describe(enabled->value)));
  return true;
}

/// A file may take away a default that another installation has.
bool is_missing_default(const ComponentSection& section, const TomlValue& item,
                        const ComponentCatalog& catalog) {
  const std::string* name = plugin_of(item);
  return name && std::ranges::count(section.defaults, *name) > 0 && !catalog.find(section.kind, *name);
}

std::optional<ConfiguredComponent> read_component(const ComponentSection& section, const TomlValue& value,
                                                  const ComponentCatalog& catalog, Diagnostics& diagnostics) {
  const LoadedComponent* component = named_component(section, value, catalog, diagnostics);
  if (!component) return std::nullopt;
  ConfiguredComponent configured{component, component->make_options(), value.place.is_default};
  std::vector<std::string> other_keys = {kPluginKey};
  if (section.is_list) other_keys.push_back(kEnabledKey);
  const OptionTable target{section.label,
                           "",
                           fmt::format(" for plugin '{}'", component->name),
                           component->options,
                           configured.options.get(),
                           other_keys,
                           component->name};
  read_options(target, value.table(), value.place, diagnostics);
  return configured;
}

}  // namespace

const std::vector<ComponentSection>& component_sections() {
  static const std::vector<ComponentSection> all = {
      {Kind::kLoss, "loss", false, "[loss]", "losses", {"nll"}},
      {Kind::kMetric, "metrics", true, "[[metrics]]", "metrics", {"accuracy", kEntropy, kAux}},
      {Kind::kCallback, "callbacks", true, "[[callbacks]]", "callbacks", {"logging"}},
      {Kind::kMemory, "memory", true, "[[memory]]", "memory strategies", {}}};
  return all;
}

const std::string* plugin_of(const TomlValue& item) {
  const TomlEntry* plugin = item.table() ? find_entry(*item.table(), kPluginKey) : nullptr;
  return plugin ? plugin->value.string() : nullptr;
}

const ComponentSection& component_section(Kind kind) {
  const auto& all = component_sections();
  return *std::ranges::find_if(all, [&](const ComponentSection& section) { return section.kind == kind; });
}

const TomlEntry* disabling_entry(const TomlValue& section, const std::string& plugin) {
  for (const TomlValue& item : section.array() ? *section.array() : TomlArray()) {
    const std::string* name = plugin_of(item);
    if (!name || *name != plugin) continue;
    const TomlEntry* enabled = find_entry(*item.table(), kEnabledKey);
    const bool* value = enabled ? std::get_if<bool>(&enabled->value.data) : nullptr;
    if (value && !*value) return enabled;
  }
  return nullptr;
}

void add_default_components(TomlTable& root) {
  const Place place = default_place();
  for (const ComponentSection& section : component_sections()) {
    if (TomlEntry* entry = find_entry(root, section.name)) {
      auto* items = std::get_if<TomlArray>(&entry->value.data);
      if (section.is_list && items && !items->empty()) add_missing_defaults(section, *items);
      continue;
    }
    TomlArray items;
    for (const std::string& plugin : section.defaults) items.push_back(default_table(plugin));
    TomlValue value = section.is_list ? TomlValue{std::move(items), place} : std::move(items.front());
    root.push_back({section.name, place, std::move(value)});
  }
}

std::vector<ConfiguredComponent> read_components(const ComponentSection& section, const TomlValue& value,
                                                 const ComponentCatalog& catalog, Diagnostics& diagnostics) {
  std::vector<ConfiguredComponent> configured;
  if (!section.is_list) {
    if (value.array()) {
      diagnostics.add(value.place, section.label, "a run has exactly one loss: write [loss] once");
    } else if (auto component = read_component(section, value, catalog, diagnostics)) {
      configured.push_back(std::move(*component));
    }
    return configured;
  }
  if (!value.array()) {
    diagnostics.add(value.place, section.label,
                    fmt::format("expected {}, once for each plugin, found {}", section.label,
                                value.table() ? "[" + section.name + "]" : describe(value)));
    return configured;
  }
  std::map<std::string, Place> seen;
  for (const TomlValue& item : *value.array()) {
    const bool enabled = !item.table() || is_enabled(section, *item.table(), diagnostics);
    if (!enabled && is_missing_default(section, item, catalog)) continue;
    auto component = read_component(section, item, catalog, diagnostics);
    if (!component) continue;
    const std::string& name = component->component->name;
    const Place& place = find_entry(*item.table(), kPluginKey)->value.place;
    const auto [first, is_new] = seen.emplace(name, place);
    if (!is_new) {
      diagnostics.add(place, section.label,
                      fmt::format("plugin '{}' is listed twice, first {}", name, where(first->second)));
    }
    if (enabled) configured.push_back(std::move(*component));
  }
  return configured;
}

}  // namespace sift
