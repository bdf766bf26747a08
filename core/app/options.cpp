#include <fmt/format.h>

#include "app/commands.h"
#include "app/print.h"
#include "config/options_page.h"

namespace sift {

int run_options() {
  PluginHost host;
  for (const auto& folder : default_plugin_folders()) host.load_folder(folder, false);
  print(options_page(host));
  return 0;
}

}  // namespace sift
