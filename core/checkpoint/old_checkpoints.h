#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace sift {

/// Removes a checkpoint. If it cannot be removed, a warning is logged and the run continues.
void remove_checkpoint(const std::filesystem::path& folder);

/// Removes the oldest checkpoints of `output_dir`, first those moved aside, until `limit` are left, but none
/// of `keep`. Links are neither counted nor removed: their targets do not belong to this run. If one cannot
/// be removed, a warning is logged and the run continues.
void remove_old_checkpoints(const std::filesystem::path& output_dir, std::int64_t limit,
                            const std::vector<std::filesystem::path>& keep);

}  // namespace sift
