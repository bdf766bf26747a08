#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <sift/plugin.h>

namespace sift {

enum class Kind { kLoss, kMetric, kCallback, kMemory, kOptimizer };
std::string to_string(Kind kind);  ///< "loss", "metric", "callback", "memory", "optimizer"
Kind kind_of(const Component& component);

/// A plugin that was loaded, or a file that was refused and why.
struct PluginRecord {
  std::filesystem::path file;
  std::string name, version, summary;   ///< empty when refused before they could be read
  std::vector<std::string> components;  ///< "loss nll", ...
  std::string refused;  ///< empty when loaded; else one sentence: what was found, what is needed
};

/// A component together with the plugin it came from.
struct LoadedComponent : Component {
  std::filesystem::path file;
  std::string summary;
};

/// Finds, checks and loads plugins. Libraries are never unloaded: LibTorch crashes at exit otherwise. It
/// must outlive every component made from it.
class PluginHost {
 public:
  PluginHost();
  ~PluginHost();
  PluginHost(const PluginHost&) = delete;
  PluginHost& operator=(const PluginHost&) = delete;

  /// Loads every *.so of a folder, in the order of their names. A missing folder is an Error only when
  /// `required`. A library that is refused is recorded, not thrown: it may belong to another program.
  void load_folder(const std::filesystem::path& folder, bool required);
  /// Loads one file that was asked for by name. Throws Error when it is refused.
  void load_file(const std::filesystem::path& file);

  const std::vector<PluginRecord>& records() const;
  /// nullptr when there is none.
  const LoadedComponent* find(Kind kind, const std::string& name) const;
  std::vector<const LoadedComponent*> components() const;  ///< by kind, then name

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The folders searched without being asked: the `plugins` folder of the installation (beside the running
/// program: ../lib/sift/plugins, or ../plugins in a build tree), then each of SIFT_PLUGIN_PATH (separated by
/// ':').
std::vector<std::filesystem::path> default_plugin_folders();

}  // namespace sift
