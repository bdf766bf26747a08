#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <system_error>

#include <sift/error.h>
#include "app/commands.h"
#include "app/plugin_templates.h"
#include "app/print.h"
#include "base/did_you_mean.h"
#include "base/durable.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

const PluginTemplate& template_of(const std::string& kind) {
  std::vector<std::string> kinds;
  for (const PluginTemplate& each : plugin_templates()) {
    if (each.kind == kind) return each;
    kinds.push_back(each.kind);
  }
  throw UsageError(fmt::format("there is no kind of plugin called '{}'{}", kind,
                               candidates_text(kind, kinds, "known kinds")));
}

void check_name(const std::string& name) {
  const auto is_allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  const bool is_good = !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
                       std::all_of(name.begin(), name.end(), is_allowed);
  if (is_good) return;
  throw UsageError(fmt::format(
      "'{}' cannot be the name of a plugin: it must begin with a-z and hold only a-z, 0-9 and '_'", name));
}

/// The CMake target of the library: the name with the kind as a suffix, since "test" or "all" is reserved.
std::string target_of(const std::string& name, const std::string& kind) {
  return name == kind || name.ends_with("_" + kind) ? name : name + "_" + kind;
}

std::string class_of(const std::string& target) {
  std::string name;
  bool is_first = true;
  for (const char c : target) {
    if (c != '_') name += is_first ? static_cast<char>(std::toupper(c)) : c;
    is_first = c == '_';
  }
  return name;
}

/// The installation prefix of this program, or a placeholder if it runs from its build folder.
std::string prefix() {
  std::error_code failed;
  const fs::path prefix = fs::read_symlink("/proc/self/exe", failed).parent_path().parent_path();
  for (const char* libraries : {"lib", "lib64", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu"}) {
    if (fs::exists(prefix / libraries / "cmake/Sift/SiftConfig.cmake", failed)) return prefix.string();
  }
  return "PREFIX_OF_SIFT";
}

std::string filled(std::string text, const std::map<std::string, std::string>& values) {
  for (const auto& [key, value] : values) {
    const std::string place = "@" + key + "@";
    for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place, at + value.size()))
      text.replace(at, place.size(), value);
  }
  return text;
}

}  // namespace

int run_new_plugin(const std::string& kind, const std::string& name, const std::string& folder) {
  const PluginTemplate& chosen = template_of(kind);
  check_name(name);
  const std::string target = target_of(name, kind);
  std::map<std::string, std::string> values = {
      {"name", name}, {"target", target}, {"Class", class_of(target)}, {"prefix", prefix()}};
  values["usage"] = filled(chosen.usage, values);

  std::error_code failed;
  if (fs::exists(folder, failed) && !(fs::is_directory(folder, failed) && fs::is_empty(folder, failed))) {
    throw Error(fmt::format(
        "{} already exists and is not an empty folder; nothing was written, choose another one", folder));
  }
  fs::create_directories(folder, failed);
  if (failed) throw Error(fmt::format("{} cannot be created: {}", folder, failed.message()));
  const std::map<std::string, std::string> files = {
      {"CMakeLists.txt", kPluginCmakeLists}, {target + ".cpp", chosen.source}, {"README.md", kPluginReadme}};
  for (const auto& [file, text] : files) write_durably(fs::path(folder) / file, filled(text, values));

  print(
      fmt::format("{0} contains a working plugin: {1}.cpp, CMakeLists.txt, README.md. Build it with\n"
                  "  cmake -S {0} -B {0}/build -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH={2}\n"
                  "  cmake --build {0}/build\n",
                  folder, target, values.at("prefix")));
  if (values.at("prefix") == "PREFIX_OF_SIFT") {
    print(fmt::format(
        "where PREFIX_OF_SIFT is the folder into which `cmake --install build --prefix PREFIX_OF_SIFT` "
        "installed Sift\n"));
  }
  return 0;
}

}  // namespace sift
