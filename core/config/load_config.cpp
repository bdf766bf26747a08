#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <sift/error.h>
#include "config/check_config.h"
#include "config/component_sections.h"
#include "config/config.h"
#include "config/moved_options.h"
#include "config/named_flags.h"
#include "config/overrides.h"

namespace sift {
namespace {

std::string read_text(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    throw Error(fmt::format("{}: this is a folder; expected a TOML file", file.string()));
  }
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  // inserting an empty file sets failbit, which is not an error here
  if (stream && stream.peek() != std::ifstream::traits_type::eof()) text << stream.rdbuf();
  if (!stream.is_open() || stream.bad() || text.bad()) {
    throw Error(fmt::format("{}: cannot read the configuration: {}", file.string(), std::strerror(errno)));
  }
  return text.str();
}

/// The place of the entry `index` of [plugins] paths.
Place place_of_path(const TomlTable& root, std::size_t index) {
  const TomlEntry* section = find_entry(root, "plugins");
  const TomlEntry* paths =
      section && section->value.table() ? find_entry(*section->value.table(), "paths") : nullptr;
  if (!paths) return {};
  const TomlArray* items = paths->value.array();
  return items ? (*items)[index].place : paths->value.place;
}

void load_into(PluginHost& host, const TomlTable& root, const std::vector<std::string>& paths,
               Diagnostics& diagnostics) {
  for (const std::filesystem::path& folder : default_plugin_folders()) host.load_folder(folder, false);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    try {
      std::error_code ignored;
      if (std::filesystem::is_directory(paths[i], ignored)) {
        host.load_folder(paths[i], true);
      } else {
        host.load_file(paths[i]);
      }
    } catch (const Error& error) {
      diagnostics.add(place_of_path(root, i), "[plugins]", fmt::format("paths: {}", error.what()));
    }
  }
}

}  // namespace

Config read_config(const std::string& text, const std::string& file, const Overrides& overrides,
                   const PluginLoader& load_plugins) {
  Diagnostics diagnostics(file);
  TomlTable root = parse_toml(text, file);
  add_default_components(root);  // so that --set reaches them
  apply_overrides(root, overrides.set, diagnostics);
  add_default_components(root);  // to the lists that --set wrote
  move_options(root, diagnostics);
  name_flags(root);
  drop_idle_flags(root);
  const PluginsOptions plugins = read_plugins_section(root, diagnostics);
  const ComponentCatalog catalog = load_plugins(root, plugins.paths, diagnostics);
  Config config = check_config(root, catalog, diagnostics);
  diagnostics.throw_if_any();
  config.file = file;
  config.plugin_paths = plugins.paths;
  return config;
}

Config load_config(const std::filesystem::path& file, const Overrides& overrides, PluginHost& host) {
  const auto load = [&](const TomlTable& root, const std::vector<std::string>& paths, Diagnostics& faults) {
    load_into(host, root, paths, faults);
    return catalog_of(host);
  };
  return read_config(read_text(file), file.string(), overrides, load);
}

}  // namespace sift
