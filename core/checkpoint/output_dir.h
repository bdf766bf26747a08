#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/file_lock.h"

namespace sift {

enum class OutputMode {
  kFresh,             ///< the folder must not hold a run
  kOverwrite,         ///< an older run is removed when the new one has its first result (EarlierRun)
  kResume,            ///< continues the existing run
  kResumeIfPossible,  ///< kResume if the folder holds a checkpoint, else kFresh
};

/// Checks that a run may write to `output_dir` and locks it for this run; creates it if necessary, and
/// removes what a killed run left unfinished, but nothing else. Throws Error if it cannot be written, another
/// run is writing to it, it already holds a run, or it is the folder of the trained model.
std::unique_ptr<FileLock> claim_output_dir(const std::filesystem::path& output_dir,
                                           const std::filesystem::path& model_path, OutputMode mode);

/// Removes the unfinished folders of a run that was killed while it wrote, replaced or removed one. A
/// checkpoint that was about to be replaced gets its name back.
void remove_unfinished(const std::filesystem::path& output_dir);

/// The newest complete checkpoint of `output_dir`; empty if it has none. Every file is compared with the
/// checkpoint's manifest; a damaged checkpoint is logged.
std::filesystem::path find_newest_whole_checkpoint(const std::filesystem::path& output_dir);

/// The checkpoint named by `resume`: "last" is the newest complete one of `output_dir`, any other value a
/// folder. Every file is compared with the checkpoint's manifest; a damaged checkpoint is logged and the
/// previous one is used. Throws Error if none exists or the named folder is damaged.
std::filesystem::path find_resume_checkpoint(const std::filesystem::path& output_dir,
                                             const std::string& resume);

}  // namespace sift
