#pragma once

#include <string>
#include <vector>

namespace sift {

/// What `sift new-plugin` writes for a kind. In its texts @name@ stands for the component, @target@ for the
/// library, @Class@ for the class, @prefix@ for the installed Sift.
struct PluginTemplate {
  std::string kind;  ///< "loss", "metric", "callback" or "memory"
  std::string source;
  std::string usage;  ///< its part of a configuration
};

const std::vector<PluginTemplate>& plugin_templates();

/// The files that are the same for each kind; in the page, @usage@ stands for the usage.
extern const std::string kPluginCmakeLists;
extern const std::string kPluginReadme;

}  // namespace sift
