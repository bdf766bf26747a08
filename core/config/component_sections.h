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
  std::vector<std::string> defaults;  ///< the plugins if the file lacks this section
};

/// In file order.
const std::vector<ComponentSection>& component_sections();

/// Adds the sections that are missing in the file, so that later code needs no special case.
void add_default_components(TomlTable& root);

/// Reads the components that `value`, the section of the file, requests.
std::vector<ConfiguredComponent> read_components(const ComponentSection& section, const TomlValue& value,
                                                 const ComponentCatalog& catalog, Diagnostics& diagnostics);

}  // namespace sift
