#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/component_catalog.h"
#include "config/config.h"
#include "formats/diagnostics.h"
#include "formats/toml_document.h"

namespace sift {

/// Reads [plugins], which must be read before the plugins are loaded.
PluginsOptions read_plugins_section(const TomlTable& root, Diagnostics& diagnostics);

/// Reads everything else. `root` has every component section.
Config check_config(const TomlTable& root, const ComponentCatalog& catalog, Diagnostics& diagnostics);

/// Loads the plugins of [plugins] paths and of the default folders, and returns the catalog.
using PluginLoader = std::function<ComponentCatalog(
    const TomlTable& root, const std::vector<std::string>& paths, Diagnostics& diagnostics)>;

/// load_config() from a text and without loading plugins; `file` is the name in errors.
Config read_config(const std::string& text, const std::string& file, const Overrides& overrides,
                   const PluginLoader& load_plugins);

}  // namespace sift
