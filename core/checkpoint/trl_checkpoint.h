#pragma once

#include <filesystem>

#include "checkpoint/progress.h"

namespace sift {

/// Whether the folder is a checkpoint written by transformers' Trainer (for example by TRL), not by Sift.
bool is_trl_checkpoint(const std::filesystem::path& folder);

/// Fills in the values of sift_state.json, which a TRL checkpoint lacks: from the log in `progress.state`, as
/// far as it contains them, and from trainer_state.json. Logs which state is restored and which is not.
void adopt_trl_progress(const std::filesystem::path& folder, Progress& progress);

}  // namespace sift
