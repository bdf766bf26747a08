#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/durable.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/progress.h"
#include "checkpoint/shards.h"
#include "checkpoint/trainer_state.h"
#include "data/row_plan.h"
#include "model/decoder/decoder.h"
#include "optim/optimizer_file.h"
#include "optim/optimizer_state.h"
#include "optim/schedule.h"

namespace sift {

/// What a checkpoint has for resuming, besides weights and progress.
struct ResumeContent {
  OptimizerState optimizer;
  ScheduleState schedule;
  std::vector<std::pair<std::string, std::string>> component_states;
  std::vector<NamedTensor> component_tensors;
  std::vector<NamedTensor> rng_states;  ///< see rng_states(), and EpochOrders::states()
};

/// The content of a checkpoint. If its tensors are copies, it may be written while training continues.
struct CheckpointContent {
  Decoder model;
  Progress progress;
  std::optional<ResumeContent> resume;  ///< not set with save_only_model
  std::optional<ShardFiles> shards =
      {};  ///< weights and the optimizer's state that are in the folder already
};

/// What is the same in every checkpoint of a run.
struct RunInfo {
  ModelFolderSource source;
  TrainerStateInfo trainer_state;
  RowPlan rows = {};
};

/// Writes a model folder with optimizer.pt, scheduler.pt and trainer_state.json, which TRL can resume as
/// well, and the files of Sift: sift_state.json, rng_state.safetensors, component_tensors.safetensors if
/// there are any and, last, manifest.json. With save_only_model: the model folder, trainer_state.json and
/// manifest.json. Throws Error.
void write_checkpoint(const std::filesystem::path& folder, const RunInfo& info, CheckpointContent& content);

/// Writes output_dir/checkpoint-<global_step>. The folder is renamed to its final name once everything is on
/// disk; before_rename is called right before. Throws Error and then leaves an existing folder unchanged.
std::filesystem::path save_checkpoint(const std::filesystem::path& output_dir, const RunInfo& info,
                                      CheckpointContent& content,
                                      const StagedFolder::BeforeRename& before_rename = {});

/// Throws Error if the checkpoint has only a model, so that no run can be resumed from it.
void check_resumable(const std::filesystem::path& folder);

/// Restores everything but the weights, which are loaded with the model: from a checkpoint of Sift or, as far
/// as it contains the state, of TRL. Throws Error that names the file if something is missing or does not
/// match the run. `rank`: of this process, whose random numbers go on. `slices`: see read_optimizer_file().
/// Returns the states of the components.
std::vector<std::pair<std::string, std::string>> load_checkpoint(const std::filesystem::path& folder,
                                                                 Optimizer& optimizer, Schedule& schedule,
                                                                 Progress& progress, std::int64_t rank = 0,
                                                                 const ParameterSlices& slices = {});

/// Restores the state of an optimizer that has not made a step yet. `slices`: see read_optimizer_file().
void load_optimizer(const std::filesystem::path& folder, Optimizer& optimizer, const ParameterSlices& slices);

/// The states of EpochOrders; none if the checkpoint has none.
std::vector<NamedTensor> read_order_states(const std::filesystem::path& folder);

/// The state tensors of the components; none if the checkpoint has none.
std::vector<NamedTensor> read_component_tensors(const std::filesystem::path& folder);

/// Reads sift_state.json, which only checkpoints of Sift contain: fills in `progress` and returns the states
/// of the components. Throws Error that names the file.
std::vector<std::pair<std::string, std::string>> read_sift_state(const std::filesystem::path& folder,
                                                                 Progress& progress);

}  // namespace sift
