#include "checkpoint/damage.h"

#include <fmt/format.h>

#include <system_error>

#include "base/file_text.h"
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
  if (!fs::exists(file)) return fmt::format("{}: missing", file.string());
  try {
    for (const ManifestEntry& entry : parse_manifest(file_text(file), file.string())) {
      std::string damage = damage_of_file(folder, entry);
      if (!damage.empty()) return damage;
    }
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

std::string read_checkpoint_file(const fs::path& file) {
  if (!fs::exists(file))
    throw Error(fmt::format("{}: missing; the folder is not a checkpoint", file.string()));
  return file_text(file);
}

Error damaged_file(const fs::path& file, std::string_view reason) {
  return Error(fmt::format("{}: damaged: {}; resume from an older checkpoint", file.string(), reason));
}

}  // namespace sift
