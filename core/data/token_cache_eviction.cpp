#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <sift/log.h>
#include "base/file_lock.h"
#include "data/token_cache.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

struct Entry {
  fs::path path;
  fs::file_time_type used;
  std::uint64_t size = 0;
};

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kKeyLength = 32;

/// Whether a name consists of `before`, a key, and a rest that ends in `after`. The folder may contain other
/// files, which must not be touched.
bool is_ours(const fs::path& path, std::string_view before, std::string_view after) {
  const std::string name = path.filename().string();
  if (!name.starts_with(before) || !name.ends_with(after) || name.size() < before.size() + kKeyLength)
    return false;
  return std::string_view(name).substr(before.size(), kKeyLength).find_first_not_of(kHexDigits) ==
         std::string_view::npos;
}

/// The files of the folder, unordered. Files that disappear during the search are skipped.
std::vector<Entry> entries_of(const fs::path& folder) {
  std::vector<Entry> entries;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed); !failed && at != fs::directory_iterator();
       at.increment(failed)) {
    std::error_code gone;
    Entry entry{at->path(), at->last_write_time(gone)};
    if (!gone) entries.push_back(std::move(entry));
  }
  return entries;
}

/// The prepared data, least recently used first.
std::vector<Entry> data_in(const fs::path& folder) {
  std::vector<Entry> entries = entries_of(folder);
  std::erase_if(entries, [](Entry& entry) {
    std::error_code failed;
    entry.size = fs::file_size(entry.path, failed);
    return failed || !is_ours(entry.path, "", ".tokens");
  });
  std::ranges::sort(entries, {}, &Entry::used);
  return entries;
}

void remove_unfinished(const fs::path& folder) {
  const auto yesterday = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (const Entry& entry : entries_of(folder)) {
    // the staged folders of store()
    std::error_code failed;
    if (entry.used < yesterday && is_ours(entry.path, ".", ".tmp")) fs::remove_all(entry.path, failed);
  }
}

}  // namespace

std::shared_ptr<const void> TokenCache::use(const std::string& key) const {
  const std::shared_ptr<const FileLock> lock = FileLock::try_lock(file_of(key), FileLock::Kind::kShared);
  if (lock != nullptr) lock->touch();
  return lock;
}

void TokenCache::evict() const {
  remove_unfinished(folder_);
  if (max_bytes_ == 0) return;
  const std::vector<Entry> entries = data_in(folder_);
  std::uint64_t total = 0, freed = 0;
  for (const Entry& entry : entries) total += entry.size;
  int removed = 0;
  for (const Entry& entry : entries) {
    if (total - freed <= max_bytes_) break;
    const auto lock = FileLock::try_lock(entry.path, FileLock::Kind::kExclusive);
    std::error_code failed;
    if (lock == nullptr || !fs::remove(entry.path, failed)) continue;
    freed += entry.size;
    ++removed;
  }
  if (removed == 0) return;
  log_info(fmt::format(
      "{}: {} of {} prepared data sets evicted, {:.2f} GB, to stay within token_cache_max_gb of [data]",
      folder_.string(), removed, entries.size(), static_cast<double>(freed) / 1e9));
}

}  // namespace sift
