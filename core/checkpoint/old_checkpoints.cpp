#include "checkpoint/old_checkpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <system_error>

#include <sift/log.h>
#include "checkpoint/checkpoint_files.h"

namespace sift {
namespace fs = std::filesystem;

void remove_checkpoint(const fs::path& folder) {
  const fs::path hidden = folder.parent_path() / (kRemovedPrefix + folder.filename().string());
  std::error_code failed;
  fs::remove_all(hidden, failed);
  if (!failed) fs::rename(folder, hidden, failed);
  if (!failed) fs::remove_all(hidden, failed);
  if (failed) {
    log_warning(fmt::format("{}: this old checkpoint cannot be removed ({}); remove it by hand",
                            folder.string(), failed.message()));
  } else {
    log_info(fmt::format("removed {}", folder.string()));
  }
}

namespace {

bool is_among(const std::vector<fs::path>& kept, const fs::path& folder) {
  return std::ranges::any_of(kept, [&](const fs::path& one) {
    std::error_code unknown;  // a path that does not exist is not another name of this folder
    return fs::equivalent(folder, one, unknown);
  });
}

}  // namespace

void remove_old_checkpoints(const fs::path& output_dir, std::int64_t limit,
                            const std::vector<fs::path>& keep) {
  std::vector<fs::path> checkpoints = find_superseded(output_dir);
  std::ranges::copy(find_checkpoints(output_dir), std::back_inserter(checkpoints));
  std::error_code unknown;
  std::erase_if(checkpoints, [&](const fs::path& folder) { return fs::is_symlink(folder, unknown); });
  std::int64_t too_many = static_cast<std::int64_t>(checkpoints.size()) - limit;
  for (const fs::path& checkpoint : checkpoints) {
    if (too_many <= 0) return;
    if (is_among(keep, checkpoint)) continue;
    remove_checkpoint(checkpoint);
    --too_many;
  }
}

}  // namespace sift
