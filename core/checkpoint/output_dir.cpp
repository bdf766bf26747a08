#include "checkpoint/output_dir.h"

#include <fmt/format.h>

#include <vector>

#include <sift/error.h>
#include <sift/log.h>
#include "base/durable.h"
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/damage.h"
#include "checkpoint/run_lock.h"
#include "formats/model_files.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

/// What shows that a folder holds a run, or is empty.
std::string sign_of_a_run(const fs::path& folder) {
  const auto checkpoints = find_checkpoints(folder);
  if (!checkpoints.empty()) return checkpoints.back().filename().string();
  const auto superseded = find_superseded(folder);
  if (!superseded.empty()) return superseded.back().filename().string();
  for (const char* name :
       {kTrainerStateFile, kTrainResultsFile, kWeightsFile, kWeightsIndexFile, kAdapterWeightsFile}) {
    if (fs::exists(folder / name)) return name;
  }
  return {};
}

/// A checkpoint with the name that it has while another takes its place: it gets its own back if that one did
/// not take it.
void restore_replaced(const fs::path& output_dir) {
  std::vector<fs::path> replaced;
  for (const auto& entry : fs::directory_iterator(output_dir)) {
    const fs::path own = output_dir / StagedFolder::replaced_name_of(entry.path());
    if (step_of_checkpoint(own) >= 0 && entry.is_directory()) replaced.push_back(entry.path());
  }
  std::error_code ignored;
  for (const fs::path& folder : replaced) {
    const fs::path own = output_dir / StagedFolder::replaced_name_of(folder);
    if (fs::exists(own)) {
      fs::remove_all(folder, ignored);
    } else {
      fs::rename(folder, own, ignored);
    }
  }
}

}  // namespace

std::unique_ptr<FileLock> claim_output_dir(const fs::path& output_dir, const fs::path& model_path,
                                           OutputMode mode) {
  std::error_code error;
  if (fs::equivalent(output_dir, model_path, error)) {
    throw Error(
        fmt::format("output_dir {} is the folder of the model; training would overwrite it; choose another",
                    output_dir.string()));
  }
  fs::create_directories(output_dir, error);
  if (error || !fs::is_directory(output_dir)) {
    throw Error(fmt::format("cannot create output_dir {}: {}", output_dir.string(),
                            error ? error.message() : "a file of that name exists"));
  }
  try {
    const fs::path probe = output_dir / ".sift-write-test";
    write_durably(probe, "x");
    fs::remove(probe);
  } catch (const std::exception& failure) {
    throw Error(fmt::format("output_dir {} cannot be written: {}", output_dir.string(), failure.what()));
  }
  std::unique_ptr<FileLock> lock = lock_output_dir(output_dir);
  remove_unfinished(output_dir);
  if (mode == OutputMode::kOverwrite || mode == OutputMode::kResume) return lock;
  if (mode == OutputMode::kResumeIfPossible && !find_checkpoints(output_dir).empty()) return lock;
  const std::string sign = sign_of_a_run(output_dir);
  if (!sign.empty()) {
    throw Error(
        fmt::format("output_dir {} already holds a run ({}); continue it with --resume, replace it with "
                    "--overwrite, or choose another folder",
                    output_dir.string(), sign));
  }
  return lock;
}

void remove_unfinished(const fs::path& output_dir) {
  std::error_code ignored;
  restore_replaced(output_dir);
  for (const fs::path& folder : find_unfinished(output_dir)) fs::remove_all(folder, ignored);
}

fs::path find_newest_whole_checkpoint(const fs::path& output_dir) {
  const auto checkpoints = find_checkpoints(output_dir);
  for (auto newest = checkpoints.rbegin(); newest != checkpoints.rend(); ++newest) {
    const std::string damage = damage_of(*newest);
    if (damage.empty()) return *newest;
    log_warning(fmt::format("{} is damaged and not used: {}", newest->filename().string(), damage));
  }
  return {};
}

fs::path find_resume_checkpoint(const fs::path& output_dir, const std::string& resume) {
  if (resume != "last") {
    if (!fs::is_directory(resume)) {
      throw Error(fmt::format("--resume {}: no such checkpoint folder", resume));
    }
    const std::string damage = damage_of(resume);
    if (damage.empty()) return resume;
    throw Error(
        fmt::format("--resume {}: the checkpoint is damaged: {}; use another checkpoint, or --resume "
                    "alone for the newest complete one",
                    resume, damage));
  }
  const auto checkpoints = find_checkpoints(output_dir);
  if (checkpoints.empty()) {
    const auto superseded = find_superseded(output_dir);
    throw Error(fmt::format(
        "--resume: output_dir {} holds no checkpoint; {}", output_dir.string(),
        superseded.empty() ? "start without --resume"
                           : fmt::format("--resume={} continues from the newest one that was moved aside",
                                         superseded.back().string())));
  }
  const fs::path newest = find_newest_whole_checkpoint(output_dir);
  if (!newest.empty()) return newest;
  throw Error(
      fmt::format("--resume: none of the {} checkpoints in output_dir {} is complete (the log names "
                  "the damage of each); start over with --overwrite",
                  checkpoints.size(), output_dir.string()));
}

}  // namespace sift
