#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "checkpoint/checkpoint.h"

namespace sift {

/// Writes checkpoints on a background thread, one at a time, so that training waits only for the copies. The
/// loop polls the outcome; the thread throws nothing.
class CheckpointWriter {
 public:
  struct Outcome {
    std::filesystem::path folder;
    std::string problem;  ///< why it could not be written; empty: it was written
  };

  /// `info` outlives this. `before_rename` is called on the writing thread before each checkpoint gets its
  /// name.
  CheckpointWriter(std::filesystem::path output_dir, const RunInfo& info,
                   StagedFolder::BeforeRename before_rename);
  ~CheckpointWriter();  ///< waits
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;

  /// Starts writing; no other write may be in progress. With `in_background` it returns at once, and
  /// `content` shares no tensor with the run.
  void start(CheckpointContent content, bool in_background);
  /// The outcome of a finished write, or of the current one after waiting for it. Each outcome is returned
  /// once.
  std::optional<Outcome> poll();
  std::optional<Outcome> wait();

 private:
  struct Job;

  std::filesystem::path output_dir_;
  const RunInfo& info_;
  StagedFolder::BeforeRename before_rename_;
  std::unique_ptr<Job> job_;
  std::thread thread_;
};

}  // namespace sift
