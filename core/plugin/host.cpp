#include "plugin/host.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include <sift/error.h>
#include "base/home_path.h"
#include "plugin/loader.h"
#include "plugin/registry.h"

namespace sift {
namespace fs = std::filesystem;

struct PluginHost::Impl {
  ComponentTable table;
  std::vector<PluginRecord> records;
  std::map<fs::path, std::size_t> seen;  ///< canonical path -> index in records

  const PluginRecord& load(const fs::path& file);
  void load_into(PluginRecord& record, const fs::path& canonical);
};

/// One file, whichever path or link leads to it: the second time is answered with the record of the first.
const PluginRecord& PluginHost::Impl::load(const fs::path& file) {
  std::error_code missing;
  const fs::path canonical = fs::canonical(file, missing);
  if (!missing) {
    if (const auto known = seen.find(canonical); known != seen.end()) return records[known->second];
  }
  PluginRecord record;
  record.file = file;
  try {
    if (missing) {
      throw Error(fmt::format("{}: cannot be found ({}); give the path of a plugin, a .so file",
                              file.string(), missing.message()));
    }
    load_into(record, canonical);
  } catch (const Error& refusal) {
    record.refused = refusal.what();
  }
  // a missing file may appear later: only existing files are recorded
  if (!missing) seen.emplace(canonical, records.size());
  records.push_back(std::move(record));
  return records.back();
}

void PluginHost::Impl::load_into(PluginRecord& record, const fs::path& canonical) {
  const std::string shown_as = record.file.string();
  if (std::error_code unknown; fs::is_directory(canonical, unknown)) {
    throw Error(fmt::format("{}: is a folder, not a plugin; give the path of a .so file in it", shown_as));
  }
  const PluginInfo& info = open_plugin(canonical, shown_as);
  record.name = info.name;
  record.version = info.version;
  record.summary = info.summary;
  record.components = register_plugin(info, record.file, shown_as, table);
}

PluginHost::PluginHost() : impl_(std::make_unique<Impl>()) {}

PluginHost::~PluginHost() = default;

void PluginHost::load_folder(const fs::path& folder, bool required) {
  std::error_code failed;
  std::vector<fs::path> files;
  fs::directory_iterator entries(folder, failed);
  while (!failed && entries != fs::directory_iterator()) {
    std::error_code unknown;  // a link that leads nowhere is no folder: it is refused by name below
    if (entries->path().extension() == ".so" && !entries->is_directory(unknown))
      files.push_back(entries->path());
    entries.increment(failed);
  }
  const bool is_missing = failed == std::errc::no_such_file_or_directory;
  if (failed && (required || !is_missing)) {
    PluginRecord record;
    record.file = folder;
    record.refused =
        fmt::format("{}: cannot be read as a folder of plugins ({}); give an existing folder or a .so file",
                    folder.string(), failed.message());
    impl_->records.push_back(record);
    if (required) throw Error(record.refused);
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) impl_->load(file);
}

void PluginHost::load_file(const fs::path& file) {
  if (const PluginRecord& record = impl_->load(file); !record.refused.empty()) throw Error(record.refused);
}

const std::vector<PluginRecord>& PluginHost::records() const {
  return impl_->records;
}

const LoadedComponent* PluginHost::find(Kind kind, const std::string& name) const {
  const auto entry = impl_->table.find({kind, name});
  return entry == impl_->table.end() ? nullptr : &entry->second;
}

std::vector<const LoadedComponent*> PluginHost::components() const {
  std::vector<const LoadedComponent*> all;
  for (const auto& [key, component] : impl_->table) all.push_back(&component);
  return all;
}

std::vector<fs::path> default_plugin_folders() {
  std::vector<fs::path> folders;
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  const fs::path prefix = program.parent_path().parent_path();
  std::vector<fs::path> candidates = {prefix / "lib/sift/plugins", prefix / "plugins"};
  // where libraries do not go to lib (lib64, lib/x86_64-linux-gnu), the plugins still lie beside libsift
  Dl_info self;
  if (::dladdr(reinterpret_cast<const void*>(&default_plugin_folders), &self) != 0 &&
      self.dli_fname != nullptr) {
    candidates.push_back(fs::path(self.dli_fname).parent_path() / "sift/plugins");
  }
  const auto found = std::find_if(candidates.begin(), candidates.end(),
                                  [&](const fs::path& folder) { return fs::is_directory(folder, failed); });
  folders.push_back(found != candidates.end() ? *found : candidates.front());

  const char* variable = std::getenv("SIFT_PLUGIN_PATH");
  std::string rest = variable != nullptr ? variable : "";
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    if (colon != 0) folders.emplace_back(expand_home(rest.substr(0, colon)));
    rest.erase(0, colon == std::string::npos ? rest.size() : colon + 1);
  }
  return folders;
}

}  // namespace sift
