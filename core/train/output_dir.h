#pragma once

#include <filesystem>
#include <string>

namespace sift {

enum class OutputMode {
  kFresh,      ///< the folder must not hold a run
  kOverwrite,  ///< an older run is removed when training begins
  kResume,     ///< goes on with the run that is there
};

/// Checks that a run may write to `output_dir`, without changing anything in it beyond creating it. Throws
/// Error when it cannot be written, holds a run already, or is the folder of the model that is trained.
void check_output_dir(const std::filesystem::path& output_dir, const std::filesystem::path& model_path,
                      OutputMode mode);

/// Removes what an earlier run of Sift left there: checkpoints, the final model, its logs. Files that Sift
/// did not write stay.
void remove_old_run(const std::filesystem::path& output_dir);

/// The checkpoint that `resume` names: "last" is the newest of `output_dir`, everything else a folder.
/// Throws Error when there is none.
std::filesystem::path find_resume_checkpoint(const std::filesystem::path& output_dir,
                                             const std::string& resume);

}  // namespace sift
