#pragma once

#include <string>

#include "config/component_catalog.h"
#include "plugin/host.h"

namespace sift {

/// docs/options.md: every option of the sections and of every component of the catalog. The text depends only
/// on the components, not on where they are installed.
std::string options_page(const ComponentCatalog& catalog);
std::string options_page(const PluginHost& host);

/// The output of `sift describe` for a component.
std::string describe_component(const LoadedComponent& component);

}  // namespace sift
