#include "old_checkpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <sift/log.h>

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPrefix = "checkpoint-";
constexpr std::string_view kRemovedPrefix = ".removed-";

std::optional<std::int64_t> step_of(std::string_view name) {
  if (name.substr(0, kPrefix.size()) != kPrefix) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  const bool digits =
      !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  std::int64_t step = 0;
  if (!digits || std::from_chars(name.data(), name.data() + name.size(), step).ec != std::errc())
    return std::nullopt;
  return step;
}

std::vector<fs::path> real_folders(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code failed;
  fs::directory_iterator entries(folder, failed);
  for (; !failed && entries != fs::directory_iterator(); entries.increment(failed)) {
    std::error_code unknown;
    if (fs::is_directory(entries->symlink_status(unknown))) found.push_back(entries->path());
  }
  return found;
}

/// The folder is renamed to a hidden name before its files are deleted: a `checkpoint-N` is always complete.
bool remove_checkpoint(const fs::path& folder) {
  const fs::path hidden = folder.parent_path() / (std::string(kRemovedPrefix) + folder.filename().string());
  std::error_code failed;
  fs::remove_all(hidden, failed);
  if (!failed) fs::rename(folder, hidden, failed);
  if (!failed) fs::remove_all(hidden, failed);
  if (failed) {
    sift::log_warning(fmt::format("{}: this old checkpoint cannot be removed ({}); remove it by hand",
                                  folder.string(), failed.message()));
  }
  return !failed;
}

}  // namespace

std::vector<CheckpointFolder> list_checkpoints(const fs::path& output_dir) {
  std::vector<CheckpointFolder> checkpoints;
  for (const fs::path& folder : real_folders(output_dir)) {
    if (const auto step = step_of(folder.filename().string())) checkpoints.push_back({*step, folder});
  }
  std::sort(checkpoints.begin(), checkpoints.end(),
            [](const auto& a, const auto& b) { return a.step < b.step; });
  return checkpoints;
}

void remove_old_checkpoints(const fs::path& output_dir, std::int64_t limit,
                            const std::vector<fs::path>& keep) {
  const std::vector<CheckpointFolder> checkpoints = list_checkpoints(output_dir);
  std::int64_t too_many = static_cast<std::int64_t>(checkpoints.size()) - limit;
  for (const CheckpointFolder& checkpoint : checkpoints) {
    if (too_many <= 0) return;
    const bool is_kept = std::any_of(keep.begin(), keep.end(), [&](const fs::path& kept) {
      std::error_code unknown;  // a path that does not exist is not another name of this folder
      return fs::equivalent(checkpoint.path, kept, unknown);
    });
    if (is_kept) continue;
    if (remove_checkpoint(checkpoint.path))
      sift::log_info(fmt::format("removed {}", checkpoint.path.string()));
    --too_many;
  }
}

void remove_leftovers(const fs::path& output_dir) {
  for (const fs::path& folder : real_folders(output_dir)) {
    const std::string name = folder.filename().string();
    const bool ours = name.compare(0, kRemovedPrefix.size(), kRemovedPrefix) == 0;
    std::error_code failed;
    if (ours && step_of(std::string_view(name).substr(kRemovedPrefix.size()))) fs::remove_all(folder, failed);
  }
}
