#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "checkpoint/checkpoint.h"

namespace sift {

/// Writes checkpoints on a thread of its own, one at a time, so that training waits only for the copies. The
/// loop asks for the outcome; nothing is thrown out of the thread.
class CheckpointWriter {
 public:
  struct Outcome {
    std::filesystem::path folder;
    std::string problem;  ///< why it could not be written; empty: it stands
  };

  CheckpointWriter(std::filesystem::path output_dir, const Config& config, const TextProcessor& text);
  ~CheckpointWriter();  ///< waits
  CheckpointWriter(const CheckpointWriter&) = delete;
  CheckpointWriter& operator=(const CheckpointWriter&) = delete;

  /// Begins to write; nothing may be under way. With `in_background` it returns at once, and `content` shares
  /// no tensor with the run.
  void start(CheckpointContent content, bool in_background);
  /// What became of it: of one that has ended, or after waiting for its end. Each outcome is given once.
  std::optional<Outcome> poll();
  std::optional<Outcome> wait();

 private:
  struct Job;

  std::filesystem::path output_dir_;
  const Config& config_;
  const TextProcessor& text_;
  std::unique_ptr<Job> job_;
  std::thread thread_;
};

}  // namespace sift
