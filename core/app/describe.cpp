#include <fmt/format.h>

#include <sift/error.h>
#include "app/commands.h"
#include "app/print.h"
#include "base/did_you_mean.h"
#include "config/options_page.h"

namespace sift {

int run_describe(const std::string& name, const std::vector<std::string>& extra_paths) {
  PluginHost host;
  for (const auto& folder : default_plugin_folders()) host.load_folder(folder, false);
  for (const std::string& path : extra_paths) load_plugin_path(host, path);
  std::string pages;
  std::vector<std::string> names;
  for (const LoadedComponent* component : host.components()) {
    names.push_back(component->name);
    if (component->name != name) continue;
    if (!pages.empty()) pages += "\n";
    pages += describe_component(*component);
  }
  if (pages.empty()) {
    throw UsageError(fmt::format(
        "no component is called '{}'{}; known: {}; `sift plugins` shows where they come from", name,
        did_you_mean(name, names), names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
  }
  if (pages.back() != '\n') pages += "\n";
  print(pages);
  return 0;
}

}  // namespace sift
