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
/// not followed: what they lead to belongs to somebody else.
std::vector<CheckpointFolder> list_checkpoints(const std::filesystem::path& output_dir);

/// Removes the oldest checkpoints until `limit` are left, but none of `keep`. What cannot be removed is
/// reported in the log and left; a run does not end for that.
void remove_old_checkpoints(const std::filesystem::path& output_dir, std::int64_t limit,
                            const std::vector<std::filesystem::path>& keep);

/// Finishes removals that a crash cut short.
void remove_leftovers(const std::filesystem::path& output_dir);
