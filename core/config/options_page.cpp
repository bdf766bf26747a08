#include "config/options_page.h"

#include <fmt/format.h>

#include "base/did_you_mean.h"
#include "config/component_sections.h"
#include "config/schedule_options.h"
#include "config/sections.h"

namespace sift {
namespace {

std::string default_text(const OptionSpec& spec) {
  if (is_required(spec)) return "required";
  return spec.default_value.index() == 0 ? "not set" : to_toml(spec.default_value);
}

/// A cell of a Markdown table.
std::string cell(const std::string& text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '|') out += '\\';
    out += letter == '\n' ? ' ' : letter;
  }
  return out;
}

std::string code_cell(const OptionSpec& spec) {
  const std::string text = default_text(spec);
  return is_required(spec) || text == "not set" ? text : "`" + cell(text) + "`";
}

std::string option_table(const std::vector<OptionSpec>& specs) {
  if (specs.empty()) return "No options.\n";
  std::string text = "| option | type | default | range | |\n| --- | --- | --- | --- | --- |\n";
  for (const OptionSpec& spec : specs) {
    text += fmt::format("| `{}` | {} | {} | {} | {} |\n", spec.key, spec.type, code_cell(spec),
                        cell(spec.range.text), cell(spec.help));
  }
  return text;
}

std::string schedule_table() {
  std::string text = "\n### lr_scheduler_kwargs\n\n";
  text += "| lr_scheduler_type | option | type | range | |\n| --- | --- | --- | --- | --- |\n";
  for (const std::string& schedule : schedule_name().names) {
    const std::vector<OptionSpec> specs = schedule_specs(schedule);
    if (specs.empty()) text += fmt::format("| `{}` | none | | | |\n", schedule);
    for (const OptionSpec& spec : specs) {
      text += fmt::format("| `{}` | `{}` | {} | {} | {} |\n", schedule, spec.key, spec.type,
                          cell(spec.range.text), cell(spec.help));
    }
  }
  return text;
}

std::string components_of(Kind kind, const char* heading, const ComponentCatalog& catalog) {
  std::string text;
  for (const LoadedComponent* component : catalog.components) {
    if (kind_of(*component) != kind) continue;
    text += fmt::format("\n### {} = \"{}\"\n\n{}\n\n{}", heading, component->name, component->summary,
                        option_table(component->options));
  }
  return text;
}

std::string component_part(const ComponentSection& section, const ComponentCatalog& catalog) {
  std::string text = fmt::format("\n## {}\n\n", section.label);
  if (!section.is_list) {
    text += fmt::format("Default without this section: {}.\n", listed(section.defaults));
  } else if (!section.defaults.empty()) {
    text += fmt::format("Every run has: {}. Entries add to these, and `enabled = false` takes one away.\n",
                        listed(section.defaults));
  } else {
    text += "A run has none unless it is asked for, here or by an option of [train].\n";
  }
  return text + components_of(section.kind, "plugin", catalog);
}

}  // namespace

std::string options_page(const ComponentCatalog& catalog) {
  std::string text =
      "# Options\n"
      "\n"
      "This page is generated from the program and its plugins; `sift describe NAME` prints one component.\n"
      "Any option can also be set on the command line: `--set train.learning_rate=1e-4`,\n"
      "`--set callbacks.logging.progress=off`.\n";
  for (const Section& section : sections()) {
    text += fmt::format("\n## [{}]\n\n{}", section.name, option_table(section.specs));
    if (section.name == "train") text += components_of(Kind::kOptimizer, "optim", catalog) + schedule_table();
  }
  for (const ComponentSection& section : component_sections()) text += component_part(section, catalog);
  return text;
}

std::string options_page(const PluginHost& host) {
  return options_page(catalog_of(host));
}

std::string describe_component(const LoadedComponent& component) {
  std::string text = fmt::format("{} {}\n  {}\n  {}\n", to_string(kind_of(component)), component.name,
                                 component.summary, component.file.string());
  if (component.options.empty()) return text + "\nno options\n";
  text += "\noptions\n";
  for (const OptionSpec& spec : component.options) {
    const std::string range = spec.range.text.empty() ? "" : ", " + spec.range.text;
    const std::string fallback = is_required(spec) ? "required" : "default " + default_text(spec);
    text += fmt::format("  {}  {}{}; {}\n      {}\n", spec.key, spec.type, range, fallback, spec.help);
  }
  return text;
}

}  // namespace sift
