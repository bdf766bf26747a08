#include "checkpoint/checkpointer.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include <sift/error.h>
#include <sift/log.h>

#include "checkpoint/best_model.h"
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/old_checkpoints.h"
#include "checkpoint/save_together.h"

namespace sift {

Checkpointer::Checkpointer(Options options, const RunInfo& info, Progress& progress,
                           std::filesystem::path resumed_from, OnSave on_save)
    : options_(std::move(options)),
      info_(info),
      progress_(progress),
      on_save_(std::move(on_save)),
      writer_(options_.output_dir, info, [this] { options_.earlier.make_way(); }),
      resumed_from_(std::move(resumed_from)),
      last_complete_(resumed_from_) {}

/// Before a save of this step.
void Checkpointer::note_best() {
  TrainerState& state = progress_.state;
  const std::filesystem::path& output_dir = options_.output_dir;
  best_before_ = state.best_model_checkpoint;
  note_best_checkpoint(output_dir, checkpoint_folder(output_dir, state.global_step), state);
  // a checkpoint that another run left under the name of the best one
  if (options_.earlier.holds(state.best_model_checkpoint)) state.best_model_checkpoint = best_before_;
}

void Checkpointer::save(const RunState& run) {
  wait();
  note_best();
  const bool in_background = options_.save_in_background && fits_in_memory(run, options_.save_only_model);
  writer_.start(take_snapshot(run, options_.save_only_model, in_background), in_background);
  poll();
}

void Checkpointer::save_together(const RunState& run, const Optimizer* optimizer, Parallel& parallel) {
  if (parallel.is_main()) note_best();
  const auto saved = sift::save_together(
      {options_.output_dir, info_, [this] { options_.earlier.make_way(); }}, run, optimizer, parallel);
  if (parallel.is_main()) take_in(saved);
}

void Checkpointer::take_in(const std::optional<CheckpointWriter::Outcome>& saved) {
  if (!saved) return;
  if (saved->problem.empty()) {
    last_complete_ = saved->folder;
    log_info(fmt::format("saved {}", saved->folder.string()));
    options_.earlier.remove();
    on_save_(saved->folder);
    limit_number();
    return;
  }
  const std::string problem =
      fmt::format("{} could not be saved: {}", saved->folder.string(), saved->problem);
  if (last_complete_.empty()) throw Error(problem + "; no earlier checkpoint exists, so the run stops");
  progress_.state.best_model_checkpoint = best_before_;
  log_warning(fmt::format("{}; training continues, {} is kept, and the next save tries again", problem,
                          last_complete_.filename().string()));
}

void Checkpointer::limit_number() const {
  if (options_.save_total_limit == 0) return;
  remove_old_checkpoints(options_.output_dir, options_.save_total_limit,
                         {last_complete_, resumed_from_, progress_.state.best_model_checkpoint});
}

}  // namespace sift
