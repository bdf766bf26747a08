#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sift {

/// The entry of one file in manifest.json.
struct ManifestEntry {
  std::string name;  ///< of a file directly in the folder
  std::uint64_t size = 0;
  std::string hash;  ///< content_hash() of its bytes
};

/// Throws Error if the file cannot be read.
ManifestEntry manifest_entry(const std::filesystem::path& folder, const std::string& name);

/// Lists every file of `folder`, with size and hash, in its manifest.json. `known`: entries of some files.
/// Throws Error.
void write_manifest(const std::filesystem::path& folder, const std::vector<ManifestEntry>& known = {});

/// The entries of the text of a manifest. Throws Error that begins with `where`.
std::vector<ManifestEntry> parse_manifest(std::string_view text, const std::string& where);

}  // namespace sift
