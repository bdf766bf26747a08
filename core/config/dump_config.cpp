#include <fmt/format.h>

#include <algorithm>

#include "config/component_sections.h"
#include "config/config.h"

namespace sift {
namespace {

std::string comment(const OptionSpec& spec) {
  std::string text = spec.help;
  if (!spec.range.text.empty()) text += fmt::format(" ({})", spec.range.text);
  // line breaks in a help text must not end the comment
  std::replace_if(
      text.begin(), text.end(), [](unsigned char letter) { return letter < 0x20 || letter == 0x7F; }, ' ');
  return "# " + text + "\n";
}

std::string option_lines(const std::vector<OptionSpec>& specs, const void* options) {
  std::string text;
  for (const OptionSpec& spec : specs) {
    const OptionValue value = spec.get(options);
    text += comment(spec);
    text += value.index() == 0 ? fmt::format("# {} = <{}, not set>\n", spec.key, spec.type)
                               : fmt::format("{} = {}\n", spec.key, to_toml(value));
  }
  return text;
}

const std::vector<ConfiguredComponent>& list_of(const Config& config, Kind kind) {
  if (kind == Kind::kMetric) return config.components.metrics;
  return kind == Kind::kCallback ? config.components.callbacks : config.components.memory;
}

std::string component_lines(const ComponentSection& section, const ConfiguredComponent& configured) {
  return fmt::format("\n{}\nplugin = {}\n{}", section.label, to_toml(configured.component->name),
                     option_lines(configured.component->options, configured.options.get()));
}

/// The defaults that the run lacks, which a file takes away by name.
std::string disabled_lines(const ComponentSection& section, const std::vector<ConfiguredComponent>& items) {
  std::string text;
  for (const std::string& plugin : items.empty() ? std::vector<std::string>() : section.defaults) {
    const auto has_name = [&](const ConfiguredComponent& item) { return item.component->name == plugin; };
    if (std::ranges::any_of(items, has_name)) continue;
    text += fmt::format("\n{}\nplugin = {}\nenabled = false\n", section.label, to_toml(plugin));
  }
  return text;
}

}  // namespace

std::string dump_config(const Config& config) {
  std::string text = "# Every option of the run, with its help.\n";
  // an empty list has no [[header]]: it is a key of the file, which precedes all headers
  for (const ComponentSection& section : component_sections()) {
    if (section.is_list && list_of(config, section.kind).empty()) text += section.name + " = []\n";
  }
  const PluginsOptions plugins{config.plugin_paths};
  const void* lora = config.lora ? &*config.lora : nullptr;
  const std::vector<const void*> options = {&config.model,    lora,    &config.data, &config.train,
                                            &config.parallel, &plugins};
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (options[i] == nullptr) continue;
    const Section& section = sections()[i];
    text += fmt::format("\n[{}]\n{}", section.name, option_lines(section.specs, options[i]));
  }
  for (const ComponentSection& section : component_sections()) {
    if (section.kind == Kind::kLoss) {
      text += component_lines(section, config.components.loss);
    } else {
      for (const ConfiguredComponent& item : list_of(config, section.kind)) {
        text += component_lines(section, item);
      }
      text += disabled_lines(section, list_of(config, section.kind));
    }
  }
  return text;
}

}  // namespace sift
