#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plugin/host.h"

namespace sift {

/// Every component of a host, by kind and name. Entries never move: pointers to them stay valid.
using ComponentTable = std::map<std::pair<Kind, std::string>, LoadedComponent>;

/// What one plugin adds, kept apart until all of it is known to be good: nothing of a plugin that fails half
/// way reaches the table.
class StagingRegistry final : public Registry {
 public:
  explicit StagingRegistry(const ComponentTable& taken) : taken_(taken) {}

  /// Throws Error, and remembers the fault: a plugin that swallows the exception is refused all the same.
  void add(Component component) override;

  const std::string& fault() const { return fault_; }  ///< empty when all was well
  const std::vector<Component>& components() const { return staged_; }

 private:
  std::string fault_of(const Component& component) const;

  const ComponentTable& taken_;
  std::vector<Component> staged_;
  std::string fault_;
};

/// Calls add_to of a plugin that open_plugin() accepted and moves its components into `table`, all or none.
/// Returns the components as "loss nll". Throws Error, starting with `shown_as`.
std::vector<std::string> register_plugin(const PluginInfo& info, const std::filesystem::path& file,
                                         const std::string& shown_as, ComponentTable& table);

}  // namespace sift
