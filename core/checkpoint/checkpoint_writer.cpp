#include "checkpoint/checkpoint_writer.h"

#include <c10/util/Exception.h>

#include <atomic>
#include <exception>
#include <utility>

#include "checkpoint/checkpoint_files.h"

namespace sift {
namespace fs = std::filesystem;

struct CheckpointWriter::Job {
  explicit Job(CheckpointContent what) : content(std::move(what)) {}

  CheckpointContent content;
  Outcome outcome;
  std::atomic<bool> ended{false};

  void run(const CheckpointWriter& writer) noexcept {
    try {
      save_checkpoint(writer.output_dir_, writer.info_, content, writer.before_rename_);
    } catch (const c10::Error& error) {
      outcome.problem = error.what_without_backtrace();
    } catch (const std::exception& error) {
      outcome.problem = error.what();
    } catch (...) {
      outcome.problem = "an error that is not a std::exception";
    }
    ended = true;
  }
};

CheckpointWriter::CheckpointWriter(fs::path output_dir, const RunInfo& info,
                                   StagedFolder::BeforeRename before_rename)
    : output_dir_(std::move(output_dir)), info_(info), before_rename_(std::move(before_rename)) {}

CheckpointWriter::~CheckpointWriter() {
  if (thread_.joinable()) thread_.join();
}

void CheckpointWriter::start(CheckpointContent content, bool in_background) {
  const fs::path folder = checkpoint_folder(output_dir_, content.progress.state.global_step);
  job_ = std::make_unique<Job>(std::move(content));
  job_->outcome.folder = folder;
  if (!in_background) {
    job_->run(*this);
    return;
  }
  thread_ = std::thread([this, job = job_.get()] { job->run(*this); });
}

std::optional<CheckpointWriter::Outcome> CheckpointWriter::poll() {
  if (job_ == nullptr || !job_->ended) return std::nullopt;
  return wait();
}

std::optional<CheckpointWriter::Outcome> CheckpointWriter::wait() {
  if (thread_.joinable()) thread_.join();
  const std::unique_ptr<Job> job = std::move(job_);  // frees the copies
  if (job == nullptr) return std::nullopt;
  return std::move(job->outcome);
}

}  // namespace sift
