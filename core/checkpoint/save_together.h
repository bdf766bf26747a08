#pragma once

#include <filesystem>

#include "checkpoint/checkpoint_writer.h"
#include "checkpoint/snapshot.h"
#include "parallel/parallel.h"

namespace sift {

/// Where the checkpoints of a run go.
struct CheckpointPlace {
  std::filesystem::path output_dir;  ///< one that all processes see
  const RunInfo& info;
  StagedFolder::BeforeRename before_rename;  ///< called on the main process
};

/// Writes a checkpoint whose weights and optimizer state lie in the files of write_shards(), and all else in
/// those of write_checkpoint(), with optimizer.index.pt in the place of optimizer.pt. The main process writes
/// these, the manifest last, and renames the folder. All processes call it; the outcome is that of the main
/// process. `optimizer`: nullptr with save_only_model; the groups of its state are in `run`.
CheckpointWriter::Outcome save_together(const CheckpointPlace& place, const RunState& run,
                                        const Optimizer* optimizer, Parallel& parallel);

}  // namespace sift
