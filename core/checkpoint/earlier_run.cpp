#include "checkpoint/earlier_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include <sift/error.h>
#include <sift/log.h>
#include "base/durable.h"
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/old_checkpoints.h"
#include "checkpoint/trainer_state.h"
#include "formats/model_files.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

constexpr const char* kRunFiles[] = {kTrainerStateFile,     kTrainResultsFile,  kModelConfigFile,
                                     kGenerationConfigFile, kAdapterConfigFile, kAdapterWeightsFile};

/// The files of a run directly in its folder; checkpoints are folders of their own.
bool is_run_file(const std::string& name) {
  const auto is_it = [&](const char* known) { return name == known; };
  return is_weights_file(name) || std::ranges::any_of(kTokenizerFiles, is_it) ||
         std::ranges::any_of(kRunFiles, is_it);
}

bool is_same(const fs::path& one, const fs::path& other) {
  std::error_code unknown;  // a path that does not exist is not another name of anything
  return fs::equivalent(one, other, unknown);
}

}  // namespace

EarlierRun EarlierRun::replaced(const fs::path& output_dir) {
  EarlierRun run;
  run.output_dir_ = output_dir;
  run.checkpoints_ = find_checkpoints(output_dir);
  run.aside_ = find_superseded(output_dir);
  for (const auto& entry : fs::directory_iterator(output_dir)) {
    if (is_run_file(entry.path().filename().string())) run.files_.push_back(entry.path());
  }
  const fs::path templates = output_dir / kNamedTemplatesFolder;
  if (fs::is_directory(templates)) {
    for (const auto& entry : fs::directory_iterator(templates)) run.files_.push_back(entry.path());
    run.files_.push_back(templates);  // after what is in it
  }
  return run;
}

EarlierRun EarlierRun::left_at(const fs::path& output_dir, const fs::path& resumed_from) {
  EarlierRun run;
  const bool begins_again = resumed_from.empty();
  run.went_back_to_ = begins_again ? "its beginning" : resumed_from.filename().string();
  const std::int64_t step = begins_again ? 0 : read_trainer_state(resumed_from).global_step;
  for (const fs::path& checkpoint : find_checkpoints(output_dir)) {
    if (step_of_checkpoint(checkpoint) >= step && !is_same(checkpoint, resumed_from))
      run.checkpoints_.push_back(checkpoint);
  }
  return run;
}

void EarlierRun::make_way() {
  while (!checkpoints_.empty()) {
    const fs::path& checkpoint = checkpoints_.back();
    const fs::path aside = superseded_name(checkpoint);
    std::error_code failed;
    fs::rename(checkpoint, aside, failed);
    if (failed)
      throw Error(fmt::format("{}: cannot be moved to {}: {}", checkpoint.string(), aside.filename().string(),
                              failed.message()));
    if (went_back_to_.empty()) {
      aside_.push_back(aside);
    } else {
      log_info(fmt::format("moved {} to {}: this run went back to {}", checkpoint.string(),
                           aside.filename().string(), went_back_to_));
    }
    checkpoints_.pop_back();
  }
}

void EarlierRun::remove(const std::set<std::string>& written) {
  for (const fs::path& folder : std::exchange(aside_, {})) remove_checkpoint(folder);
  for (const fs::path& file : std::exchange(files_, {})) {
    std::error_code failed;
    if (!written.contains(file.lexically_relative(output_dir_).string())) fs::remove(file, failed);
    if (failed && failed != std::errc::directory_not_empty) {
      log_warning(fmt::format("{}: this file of the replaced run cannot be removed ({}); remove it by hand",
                              file.string(), failed.message()));
    }
  }
}

bool EarlierRun::holds(const fs::path& folder) const {
  return std::ranges::any_of(checkpoints_, [&](const fs::path& mine) { return is_same(mine, folder); });
}

}  // namespace sift
