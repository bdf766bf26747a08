#include "checkpoint/damage.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <system_error>

#include "checkpoint/checkpoint_files.h"
#include "checkpoint/manifest.h"
#include "checkpoint/trl_checkpoint.h"
#include "data/content_hash.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

std::string damage_of_file(const fs::path& folder, const ManifestEntry& entry) {
  const fs::path file = folder / entry.name;
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return fmt::format("{}: missing", file.string());
  const std::uintmax_t size = fs::file_size(file, error);
  if (error) return fmt::format("{}: {}", file.string(), error.message());
  if (size != entry.size)
    return fmt::format("{}: has {} bytes, expected {}", file.string(), size, entry.size);
  const std::string hash = content_hash_of_file(file);
  if (hash != entry.hash)
    return fmt::format("{}: its bytes have the hash {}, expected {}", file.string(), hash, entry.hash);
  return {};
}

}  // namespace

std::string damage_of(const fs::path& folder) {
  if (is_trl_checkpoint(folder)) return {};
  const fs::path file = folder / kManifestFile;
  std::ifstream in(file, std::ios::binary);
  if (!in) return fmt::format("{}: missing", file.string());
  std::ostringstream text;
  text << in.rdbuf();
  try {
    for (const ManifestEntry& entry : parse_manifest(text.str(), file.string())) {
      std::string damage = damage_of_file(folder, entry);
      if (!damage.empty()) return damage;
    }
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

Error damaged_file(const fs::path& file, std::string_view reason) {
  return Error(fmt::format("{}: damaged: {}; resume from an older checkpoint", file.string(), reason));
}

}  // namespace sift
