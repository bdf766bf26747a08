#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/file_lock.h"

namespace sift {

enum class OutputMode {
  kFresh,      ///< the folder must not hold a run
  kOverwrite,  ///< an older run is removed when training begins
  kResume,     ///< goes on with the run that is there
};

/// Checks that a run may write to `output_dir` and locks it for this run, without changing anything in it
/// beyond creating it. Throws Error when it cannot be written, another run is writing to it, it holds a run
/// already, or is the folder of the model that is trained.
std::unique_ptr<FileLock> claim_output_dir(const std::filesystem::path& output_dir,
                                           const std::filesystem::path& model_path, OutputMode mode);

/// Removes what a run that was killed while it wrote has left unfinished.
void remove_unfinished(const std::filesystem::path& output_dir);

/// Removes what an earlier run of Sift left there: checkpoints, the final model, its logs. Files that Sift
/// did not write stay.
void remove_old_run(const std::filesystem::path& output_dir);

/// The checkpoint that `resume` names: "last" is the newest whole one of `output_dir`, everything else a
/// folder. Every file is compared with the checkpoint's manifest; one that is damaged is reported in the log
/// and the one before it taken. Throws Error when there is none, or the folder that is named is damaged.
std::filesystem::path find_resume_checkpoint(const std::filesystem::path& output_dir,
                                             const std::string& resume);

}  // namespace sift
