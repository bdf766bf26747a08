#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace sift {

// The names of what a run writes into output_dir, besides the files of a model folder
// (formats/model_files.h).

inline constexpr const char* kOptimizerFile = "optimizer.pt";
/// Beside the files of optimizer_shard_name(), which have the state: what else optimizer.pt would have.
inline constexpr const char* kOptimizerIndexFile = "optimizer.index.pt";
inline constexpr const char* kSchedulerFile = "scheduler.pt";
inline constexpr const char* kTrainerStateFile = "trainer_state.json";
inline constexpr const char* kSiftStateFile = "sift_state.json";
inline constexpr const char* kRngStateFile = "rng_state.safetensors";
inline constexpr const char* kComponentTensorsFile = "component_tensors.safetensors";
inline constexpr const char* kManifestFile = "manifest.json";
inline constexpr const char* kTrainResultsFile = "train_results.json";

/// The final model is written into a staged folder of this name, then moved into output_dir.
inline constexpr const char* kFinalFolder = "final";

/// A checkpoint gets a hidden name, this and its own, before its files are deleted: a `checkpoint-N` is
/// always complete.
inline constexpr const char* kRemovedPrefix = ".removed-";

/// The folder of the checkpoint of a step.
std::filesystem::path checkpoint_folder(const std::filesystem::path& output_dir, std::int64_t step);

/// The checkpoints of a folder, newest last. Only complete checkpoints have such a name.
std::vector<std::filesystem::path> find_checkpoints(const std::filesystem::path& output_dir);

/// The step in the name of a checkpoint's folder; -1: it has no such name.
std::int64_t step_of_checkpoint(const std::filesystem::path& folder);

/// The same for one that was moved aside.
std::int64_t step_of_superseded(const std::filesystem::path& folder);

/// A free name for a checkpoint that is moved aside: checkpoint-60.superseded, or checkpoint-60.superseded-2
/// and so on. It is whole, but --resume uses it only by its name.
std::filesystem::path superseded_name(const std::filesystem::path& checkpoint);

/// The checkpoints that were moved aside, newest last.
std::vector<std::filesystem::path> find_superseded(const std::filesystem::path& output_dir);

/// The folders of a run that was killed while it wrote a checkpoint or the final model, or removed a
/// checkpoint.
std::vector<std::filesystem::path> find_unfinished(const std::filesystem::path& output_dir);

}  // namespace sift
