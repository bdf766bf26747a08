#include "config/component_catalog.h"

#include <fmt/format.h>

#include "base/did_you_mean.h"

namespace sift {

const LoadedComponent* ComponentCatalog::find(Kind kind, const std::string& name) const {
  for (const LoadedComponent* component : components) {
    if (kind_of(*component) == kind && component->name == name) return component;
  }
  return nullptr;
}

std::vector<std::string> ComponentCatalog::names(Kind kind) const {
  std::vector<std::string> found;
  for (const LoadedComponent* component : components) {
    if (kind_of(*component) == kind) found.push_back(component->name);
  }
  return found;
}

std::string ComponentCatalog::refused_like(const std::string& name) const {
  std::string text;
  for (const PluginRecord& record : records) {
    const bool alike = record.name == name || record.file.filename().string().find(name) != std::string::npos;
    if (record.refused.empty() || name.empty() || !alike) continue;
    // the reason may already start with the file
    const std::string file = record.file.string();
    const bool named = record.refused.find(file) != std::string::npos;
    text +=
        named ? "; refused: " + record.refused : fmt::format("; {} was refused: {}", file, record.refused);
  }
  return text;
}

std::string ComponentCatalog::candidates(Kind kind, const std::string& name, const std::string& known) const {
  return candidates_text(name, names(kind), known) + refused_like(name);
}

ComponentCatalog catalog_of(const PluginHost& host) {
  return {host.components(), host.records()};
}

}  // namespace sift
