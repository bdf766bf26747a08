#pragma once

#include <string>
#include <vector>

namespace sift {

/// The files `sift new-plugin` writes for a kind. Placeholders: @name@ is the component, @target@ the
/// library, @Class@ the class, @prefix@ the installation prefix of Sift.
struct PluginTemplate {
  std::string kind;  ///< "loss", "metric", "callback", "memory" or "optimizer"
  std::string source;
  std::string usage;  ///< its section of a configuration
};

const std::vector<PluginTemplate>& plugin_templates();

/// The files shared by all kinds; in the README, @usage@ is replaced by the usage.
extern const std::string kPluginCmakeLists;
extern const std::string kPluginReadme;

}  // namespace sift
