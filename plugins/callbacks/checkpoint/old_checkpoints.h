#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

/// A folder `checkpoint-N`.
struct CheckpointFolder {
  std::int64_t step = 0;
  std::filesystem::path path;
};

/// Every directory of `output_dir` whose name is exactly checkpoint-<digits>, oldest step first. Links are
/// not followed: their targets do not belong to this run.
std::vector<CheckpointFolder> list_checkpoints(const std::filesystem::path& output_dir);

/// Removes the oldest checkpoints until `limit` are left, but none of `keep`. If one cannot be removed, a
/// warning is logged and the run continues.
void remove_old_checkpoints(const std::filesystem::path& output_dir, std::int64_t limit,
                            const std::vector<std::filesystem::path>& keep);

/// Finishes removals that were interrupted by a crash.
void remove_leftovers(const std::filesystem::path& output_dir);
