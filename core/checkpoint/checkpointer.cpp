#include "checkpoint/checkpointer.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include <sift/error.h>
#include <sift/log.h>

#include "checkpoint/best_model.h"
#include "checkpoint/checkpoint_files.h"

namespace sift {

Checkpointer::Checkpointer(const Config& config, const TextProcessor& text, Progress& progress,
                           std::filesystem::path last_complete, OnSave on_save)
    : config_(config),
      progress_(progress),
      on_save_(std::move(on_save)),
      writer_(config.train.output_dir, config, text),
      last_complete_(std::move(last_complete)) {}

void Checkpointer::save(const RunState& run) {
  wait();
  TrainerState& state = progress_.state;
  const std::filesystem::path output_dir = config_.train.output_dir;
  best_before_ = state.best_model_checkpoint;
  note_best_checkpoint(output_dir, checkpoint_folder(output_dir, state.global_step), state);
  const bool in_background = config_.train.save_in_background && fits_in_memory(run);
  writer_.start(take_snapshot(run, config_, in_background), in_background);
  poll();
}

void Checkpointer::take_in(const std::optional<CheckpointWriter::Outcome>& saved) {
  if (!saved) return;
  if (saved->problem.empty()) {
    last_complete_ = saved->folder;
    log_info(fmt::format("saved {}", saved->folder.string()));
    on_save_(saved->folder);
    return;
  }
  const std::string problem =
      fmt::format("{} could not be saved: {}", saved->folder.string(), saved->problem);
  if (last_complete_.empty()) throw Error(problem + "; no earlier checkpoint exists, so the run stops");
  progress_.state.best_model_checkpoint = best_before_;
  log_warning(fmt::format("{}; training continues, {} is kept, and the next save tries again", problem,
                          last_complete_.filename().string()));
}

}  // namespace sift
