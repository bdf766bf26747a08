#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "checkpoint/checkpoint_writer.h"
#include "checkpoint/progress.h"
#include "checkpoint/snapshot.h"

namespace sift {

/// The checkpoints of a run: takes a snapshot, has it written in the background, and knows the newest one
/// that is complete.
class Checkpointer {
 public:
  using OnSave = std::function<void(const std::filesystem::path& folder)>;
  /// `on_save` is called on the thread of the loop for each checkpoint that is complete. `progress` is the
  /// run's; both references outlive this. `last_complete`: the checkpoint that the run was resumed from, or
  /// empty.
  Checkpointer(const Config& config, const TextProcessor& text, Progress& progress,
               std::filesystem::path last_complete, OnSave on_save);

  /// Begins to save, after the save before has ended.
  void save(const RunState& run);
  /// Takes in the outcome of a save: of one that has ended, or after waiting for it. Throws Error where it
  /// failed and there is no earlier checkpoint.
  void poll() { take_in(writer_.poll()); }
  void wait() { take_in(writer_.wait()); }

  /// Empty: none yet.
  const std::filesystem::path& last_complete() const { return last_complete_; }

 private:
  void take_in(const std::optional<CheckpointWriter::Outcome>& saved);

  const Config& config_;
  Progress& progress_;
  OnSave on_save_;
  CheckpointWriter writer_;
  std::filesystem::path last_complete_;
  std::filesystem::path best_before_;  ///< best checkpoint before the one that is being written
};

}  // namespace sift
