#include "checkpoint/checkpoint_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "base/durable.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPrefix = "checkpoint-";

/// The number of a folder named checkpoint-<digits>, or -1.
std::int64_t checkpoint_number(const fs::path& folder) {
  const std::string name = folder.filename().string();
  if (!name.starts_with(kPrefix) || name.size() == kPrefix.size()) return -1;
  std::int64_t number = -1;
  const auto [end, error] = std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : -1;
}

}  // namespace

fs::path checkpoint_folder(const fs::path& output_dir, std::int64_t step) {
  return output_dir / fmt::format("{}{}", kPrefix, step);
}

std::vector<fs::path> find_checkpoints(const fs::path& output_dir) {
  std::vector<fs::path> found;
  if (!fs::is_directory(output_dir)) return found;
  for (const auto& entry : fs::directory_iterator(output_dir)) {
    if (entry.is_directory() && checkpoint_number(entry.path()) >= 0) found.push_back(entry.path());
  }
  std::ranges::sort(found, {}, checkpoint_number);
  return found;
}

std::vector<fs::path> find_unfinished(const fs::path& output_dir) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(output_dir)) {
    const std::string name = StagedFolder::final_name_of(entry.path());
    const bool is_written = name.starts_with(kPrefix) || name == kFinalFolder;
    const bool is_removed =
        entry.path().filename().string().starts_with(fmt::format("{}{}", kRemovedPrefix, kPrefix));
    if ((is_written || is_removed) && entry.is_directory()) found.push_back(entry.path());
  }
  return found;
}

}  // namespace sift
