#include "checkpoint/output_dir.h"

#include <fmt/format.h>

#include <algorithm>
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

constexpr const char* kRunFiles[] = {kTrainerStateFile, kTrainResultsFile, kModelConfigFile,
                                     kGenerationConfigFile};

/// The files of a run directly in its folder and the folder of its templates; checkpoints are folders of
/// their own.
bool is_run_file(const std::string& name) {
  const auto is_it = [&](const char* known) { return name == known; };
  return is_weights_file(name) || name == kNamedTemplatesFolder ||
         std::ranges::any_of(kTokenizerFiles, is_it) || std::ranges::any_of(kRunFiles, is_it);
}

/// What shows that a folder holds a run, or is empty.
std::string sign_of_a_run(const fs::path& folder) {
  const auto checkpoints = find_checkpoints(folder);
  if (!checkpoints.empty()) return checkpoints.back().filename().string();
  for (const char* name : {kTrainerStateFile, kTrainResultsFile, kWeightsFile, kWeightsIndexFile}) {
    if (fs::exists(folder / name)) return name;
  }
  return {};
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
  if (mode != OutputMode::kFresh) return lock;
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
  for (const fs::path& folder : find_unfinished(output_dir)) fs::remove_all(folder, ignored);
}

void remove_old_run(const fs::path& output_dir) {
  for (const auto& checkpoint : find_checkpoints(output_dir)) fs::remove_all(checkpoint);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(output_dir)) {
    if (is_run_file(entry.path().filename().string())) files.push_back(entry.path());
  }
  for (const fs::path& file : files) fs::remove_all(file);
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
    throw Error(fmt::format("--resume: output_dir {} holds no checkpoint; start without --resume",
                            output_dir.string()));
  }
  for (auto newest = checkpoints.rbegin(); newest != checkpoints.rend(); ++newest) {
    const std::string damage = damage_of(*newest);
    if (damage.empty()) return *newest;
    log_warning(fmt::format("{} is damaged and not used: {}", newest->filename().string(), damage));
  }
  throw Error(
      fmt::format("--resume: none of the {} checkpoints in output_dir {} is complete (the log names "
                  "the damage of each); start over with --overwrite",
                  checkpoints.size(), output_dir.string()));
}

}  // namespace sift
