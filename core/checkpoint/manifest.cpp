#include "checkpoint/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include <sift/error.h>
#include "base/durable.h"
#include "checkpoint/checkpoint_files.h"
#include "data/content_hash.h"
#include "formats/json_fields.h"
#include "formats/json_text.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;
constexpr int kFormat = 1;
constexpr const char* kHash = "murmur3-x64-128";

std::string text_of(const Json& json) {
  return json.dump(2) + "\n";
}

/// Whether the path stays inside the folder.
bool is_inside(const std::string& name) {
  const fs::path path(name);
  return !name.empty() && name.find('\0') == std::string::npos && path.is_relative() && path.has_filename() &&
         std::ranges::none_of(path, [](const fs::path& part) { return part == "." || part == ".."; });
}

/// The Error thrown does not name the file.
std::vector<ManifestEntry> entries_of(const Json& json) {
  const JsonFields fields(json);
  if (fields.integer("format") != kFormat)
    throw Error(fmt::format("format {}, expected {}", fields.integer("format"), kFormat));
  if (fields.text("hash") != kHash) throw Error(fmt::format("its hashes are not {}", kHash));
  std::vector<ManifestEntry> entries;
  for (const JsonFields& file : fields.elements("files")) {
    entries.push_back({file.text("name"), static_cast<std::uint64_t>(file.count("size")), file.text("hash")});
    if (!is_inside(entries.back().name)) throw Error("names a file outside of its folder");
  }
  if (entries.empty()) throw Error("lists no file");
  return entries;
}

}  // namespace

ManifestEntry manifest_entry(const fs::path& folder, const std::string& name) {
  return {name, fs::file_size(folder / name), content_hash_of_file(folder / name)};
}

void write_manifest(const fs::path& folder, const std::vector<ManifestEntry>& known) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) names.push_back(entry.path().lexically_relative(folder).string());
  }
  std::ranges::sort(names);
  Json json;
  json["format"] = kFormat;
  json["hash"] = kHash;
  json["files"] = Json::array();
  for (const std::string& name : names) {
    const auto found = std::ranges::find(known, name, &ManifestEntry::name);
    const ManifestEntry entry = found == known.end() ? manifest_entry(folder, name) : *found;
    json["files"].push_back({{"name", name}, {"size", entry.size}, {"hash", entry.hash}});
  }
  write_durably(folder / kManifestFile, text_of(json));
}

std::vector<ManifestEntry> parse_manifest(std::string_view text, const std::string& where) {
  const Json json = parse_json<Json>(text, where + ": not a complete manifest");
  try {
    std::vector<ManifestEntry> entries = entries_of(json);
    // also rejects changed whitespace
    if (text_of(json) != text) throw Error("changed after it was written");
    return entries;
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", where, error.what()));
  }
}

}  // namespace sift
