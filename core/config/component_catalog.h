#pragma once

#include <string>
#include <vector>

#include "plugin/host.h"

namespace sift {

/// The installed components, for configuration checks and documentation.
struct ComponentCatalog {
  std::vector<const LoadedComponent*> components;  ///< by kind, then name
  std::vector<PluginRecord> records;

  const LoadedComponent* find(Kind kind, const std::string& name) const;  ///< nullptr if not installed
  std::vector<std::string> names(Kind kind) const;
  /// Why a plugin of this name may be missing: "; FILE was refused: REASON" for each library with a similar
  /// name.
  std::string refused_like(const std::string& name) const;
};

ComponentCatalog catalog_of(const PluginHost& host);

}  // namespace sift
