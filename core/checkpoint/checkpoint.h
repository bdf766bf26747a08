#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/progress.h"
#include "config/config.h"
#include "model/decoder/decoder.h"
#include "optim/optimizer.h"
#include "optim/optimizer_file.h"
#include "optim/schedule.h"
#include "text/text_processor.h"

namespace sift {

/// What a checkpoint holds. Where its tensors are copies, it may be written while the run goes on.
struct CheckpointContent {
  Decoder model;
  AdamW optimizer;
  ScheduleState schedule;
  Progress progress;
  std::vector<std::pair<std::string, std::string>> component_states;
  std::vector<std::pair<std::string, at::Tensor>> rng_states;  ///< see rng_states()
};

/// Where the schedule stands after the finished steps.
ScheduleState schedule_state(const Config& config, const Schedule& schedule, const Progress& progress);

/// Where the checkpoint of a step is.
std::filesystem::path checkpoint_folder(const std::filesystem::path& output_dir, std::int64_t step);

/// Writes output_dir/checkpoint-<global_step>: a model folder with optimizer.pt, scheduler.pt and
/// trainer_state.json, from which TRL goes on as well, and with what only Sift needs: sift_state.json,
/// rng_state.safetensors and, last, manifest.json. The folder gets its name only when all of it is on the
/// disk. Throws Error; what stood there then stands there still.
std::filesystem::path save_checkpoint(const std::filesystem::path& output_dir, const Config& config,
                                      const TextProcessor& text, CheckpointContent& content);

/// Restores everything but the weights, which the model is loaded from: from a checkpoint of Sift or, as far
/// as it says, of TRL. Throws Error that names the file when something is missing or does not fit the run.
/// Returns the states of the components.
std::vector<std::pair<std::string, std::string>> load_checkpoint(const std::filesystem::path& folder,
                                                                 const Config& config, const AdamW& optimizer,
                                                                 const Schedule& schedule,
                                                                 Progress& progress);

/// What only Sift's checkpoints hold, of sift_state.json: fills in `progress` and returns the states of the
/// components. Throws Error that names the file.
std::vector<std::pair<std::string, std::string>> read_sift_state(const std::filesystem::path& folder,
                                                                 Progress& progress);

/// The checkpoints of a folder, newest last. Only whole ones have such a name.
std::vector<std::filesystem::path> find_checkpoints(const std::filesystem::path& output_dir);

}  // namespace sift
