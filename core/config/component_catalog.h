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
  /// The end of a message about a name that is not installed: similar names or, after the words `known`, all;
  /// then refused_like().
  std::string candidates(Kind kind, const std::string& name, const std::string& known) const;
};

ComponentCatalog catalog_of(const PluginHost& host);

}  // namespace sift
