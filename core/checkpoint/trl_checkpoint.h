#pragma once

#include <filesystem>

#include "checkpoint/progress.h"
#include "config/config.h"

namespace sift {

/// Whether the folder is a checkpoint that transformers' Trainer wrote, TRL's for one, not Sift.
bool is_trl_checkpoint(const std::filesystem::path& folder);

/// Fills in what Sift's own checkpoints say in a file of their own, and TRL's do not: from the log in
/// `progress.state`, as far as it goes, and trainer_state.json. Logs what is taken over and what cannot be
/// known.
void adopt_trl_progress(const std::filesystem::path& folder, const Config& config, Progress& progress);

}  // namespace sift
