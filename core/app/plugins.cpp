#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <sift/error.h>
#include "app/commands.h"
#include "app/print.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

using Row = std::array<std::string, 5>;

Row row_of(const PluginRecord& record) {
  return {record.name, record.version, fmt::format("{}", fmt::join(record.components, ", ")),
          record.file.filename().string(), record.summary};
}

std::array<std::size_t, 5> column_widths(const std::vector<PluginRecord>& records) {
  std::array<std::size_t, 5> widths{};
  for (const PluginRecord& record : records) {
    const Row row = row_of(record);
    if (!record.refused.empty()) continue;
    // the last column needs no padding
    for (std::size_t i = 0; i + 1 < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  return widths;
}

/// Normalizes a folder path, with or without a trailing slash.
fs::path plain(const fs::path& folder) {
  const fs::path normal = folder.lexically_normal();
  if (normal.empty()) return ".";
  return normal.has_filename() ? normal : normal.parent_path();
}

fs::path folder_of(const PluginRecord& record) {
  return plain(record.file.parent_path());
}

/// The searched folders, then the folders of plugins given as files.
std::vector<fs::path> folders_of(const std::vector<PluginRecord>& records,
                                 const std::vector<std::string>& extra_paths) {
  std::vector<fs::path> folders;
  const auto add = [&](const fs::path& folder) {
    if (std::find(folders.begin(), folders.end(), folder) == folders.end()) folders.push_back(folder);
  };
  std::error_code unknown;
  for (const fs::path& folder : default_plugin_folders()) add(plain(folder));
  for (const std::string& path : extra_paths) {
    if (fs::is_directory(path, unknown)) add(plain(path));
  }
  for (const PluginRecord& record : records) add(folder_of(record));
  return folders;
}

void print_folder(const fs::path& folder, const std::vector<PluginRecord>& records) {
  std::error_code unknown;
  const auto widths = column_widths(records);
  bool is_empty = true;
  print(fmt::format("{}\n", folder.string()));
  for (const PluginRecord& record : records) {
    if (folder_of(record) != folder) continue;
    is_empty = false;
    if (!record.refused.empty()) {
      print(fmt::format("  refused: {}\n", record.refused));
      continue;
    }
    const Row row = row_of(record);
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("  {:<{}}", row[i], widths[i]);
    print(fmt::format("{}\n", line));
  }
  if (is_empty)
    print(fmt::format("  ({})\n", fs::is_directory(folder, unknown) ? "no plugins" : "no such folder"));
}

}  // namespace

void load_plugin_path(PluginHost& host, const std::string& path) {
  std::error_code unknown;
  if (fs::is_directory(path, unknown)) {
    host.load_folder(path, true);
  } else {
    host.load_file(path);
  }
}

int run_plugins(const std::vector<std::string>& extra_paths) {
  PluginHost host;
  for (const fs::path& folder : default_plugin_folders()) host.load_folder(folder, false);
  bool all_loaded = true;
  for (const std::string& path : extra_paths) {
    try {
      load_plugin_path(host, path);
    } catch (const Error&) {
      all_loaded = false;  // the host has recorded the reason
    }
  }
  for (const fs::path& folder : folders_of(host.records(), extra_paths)) print_folder(folder, host.records());
  return all_loaded ? 0 : 1;
}

}  // namespace sift
