#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "checkpoint/checkpoint_writer.h"
#include "checkpoint/earlier_run.h"
#include "checkpoint/progress.h"
#include "checkpoint/snapshot.h"

namespace sift {

/// The checkpoints of a run: takes a snapshot, writes it in the background, tracks the newest complete
/// checkpoint, and removes the oldest beyond save_total_limit, but never the newest, the best, or the one the
/// run was resumed from.
class Checkpointer {
 public:
  struct Options {
    std::filesystem::path output_dir;
    bool save_in_background = true;
    std::int64_t save_total_limit = 0;  ///< 0: none
    bool save_only_model = false;
    EarlierRun earlier = {};  ///< makes way for the first checkpoint
  };
  using OnSave = std::function<void(const std::filesystem::path& folder)>;
  /// `on_save` is called on the thread of the loop for each complete checkpoint, before older ones are
  /// removed. `info` and `progress` belong to the run and outlive this. `resumed_from`: the checkpoint the
  /// run was resumed from, or empty.
  Checkpointer(Options options, const RunInfo& info, Progress& progress, std::filesystem::path resumed_from,
               OnSave on_save);

  /// Starts a save after the previous one has finished.
  void save(const RunState& run);
  /// Saves in shards, see save_together(). All processes call it.
  void save_together(const RunState& run, const Optimizer* optimizer, Parallel& parallel);
  /// Handles the outcome of a save: of a finished one, or after waiting for it. Throws Error if it failed and
  /// no earlier checkpoint exists.
  void poll() { take_in(writer_.poll()); }
  void wait() { take_in(writer_.wait()); }
  /// What the run replaces or left, if no checkpoint of this run is complete yet. No save may be in progress.
  EarlierRun& earlier() { return options_.earlier; }

  /// Empty: none yet.
  const std::filesystem::path& last_complete() const { return last_complete_; }

 private:
  void note_best();
  void take_in(const std::optional<CheckpointWriter::Outcome>& saved);
  void limit_number() const;

  Options options_;
  const RunInfo& info_;
  Progress& progress_;
  OnSave on_save_;
  CheckpointWriter writer_;
  std::filesystem::path resumed_from_;
  std::filesystem::path last_complete_;
  std::filesystem::path best_before_;  ///< best checkpoint before the one being written
};

}  // namespace sift
