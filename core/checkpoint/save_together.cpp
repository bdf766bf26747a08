#include "checkpoint/save_together.h"

#include <optional>
#include <string>
#include <utility>

#include "checkpoint/checkpoint_files.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

/// Keeps the text of an exception of `work`.
template <class Work>
void attempt(std::string& problem, const Work& work) {
  if (!problem.empty()) return;
  try {
    work();
  } catch (const std::exception& error) {
    problem = error.what();
  }
}

}  // namespace

CheckpointWriter::Outcome save_together(const CheckpointPlace& place, const RunState& run,
                                        const Optimizer* optimizer, Parallel& parallel) {
  CheckpointWriter::Outcome outcome{checkpoint_folder(place.output_dir, run.progress.state.global_step), {}};
  std::optional<StagedFolder> staged;
  if (parallel.is_main()) attempt(outcome.problem, [&] { staged.emplace(outcome.folder); });
  const fs::path folder = parallel.of_main(staged ? staged->path().string() : "");
  if (folder.empty()) return outcome;
  ShardFiles shards = write_shards(folder, run.model, optimizer, parallel);
  if (!parallel.is_main()) return outcome;
  outcome.problem = shards.problem;
  attempt(outcome.problem, [&] {
    CheckpointContent content = take_snapshot(run, optimizer == nullptr, false);
    content.shards = std::move(shards);
    write_checkpoint(staged->path(), place.info, content);
    staged->commit(place.before_rename);
  });
  return outcome;
}

}  // namespace sift
