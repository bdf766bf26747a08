#pragma once

#include <string>
#include <vector>

#include "config/component_catalog.h"
#include "config/config.h"
#include "formats/diagnostics.h"
#include "formats/toml_document.h"

namespace sift {

/// A section whose tables select a plugin and set its options.
struct ComponentSection {
  Kind kind;
  std::string name;                   ///< "loss", "metrics", "callbacks" or "memory"
  bool is_list;                       ///< written [[name]], once per plugin
  std::string label;                  ///< "[loss]", "[[metrics]]", ...
  std::string plural;                 ///< "losses", ...
  std::vector<std::string> defaults;  ///< the plugins that a run has without being asked
};

/// In file order.
const std::vector<ComponentSection>& component_sections();

/// The plugin that a table of a section names; nullptr if it names none.
const std::string* plugin_of(const TomlValue& item);

/// The one of this kind, which must have a section.
const ComponentSection& component_section(Kind kind);

/// Adds the default plugins that a section does not name, after its own, and the sections that are missing,
/// so that later code needs no special case. An empty list stays empty.
void add_default_components(TomlTable& root);

/// The entry `enabled = false` of the table that names `plugin`; nullptr if `section` has none.
const TomlEntry* disabling_entry(const TomlValue& section, const std::string& plugin);

/// Reads the components that `value`, the section of the file, requests; not those with `enabled = false`.
std::vector<ConfiguredComponent> read_components(const ComponentSection& section, const TomlValue& value,
                                                 const ComponentCatalog& catalog, Diagnostics& diagnostics);

}  // namespace sift
