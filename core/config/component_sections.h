#pragma once

#include <string>
#include <vector>

#include "config/component_catalog.h"
#include "config/config.h"
#include "formats/diagnostics.h"
#include "formats/toml_document.h"

namespace sift {

/// A section whose tables name a plugin and give its options.
struct ComponentSection {
  Kind kind;
  std::string name;                   ///< "loss", "metrics", "callbacks" or "memory"
  bool is_list;                       ///< written [[name]], once for each plugin
  std::string label;                  ///< "[loss]", "[[metrics]]", ...
  std::string plural;                 ///< "losses", ...
  std::vector<std::string> defaults;  ///< the plugins of a file without this section
};

/// In the order of a file.
const std::vector<ComponentSection>& component_sections();

/// Adds the sections that the file does not have, so that everything after sees one form only.
void add_default_components(TomlTable& root);

/// The components that `value`, the section as it stands in the file, asks for.
std::vector<ConfiguredComponent> read_components(const ComponentSection& section, const TomlValue& value,
                                                 const ComponentCatalog& catalog, Diagnostics& diagnostics);

}  // namespace sift
