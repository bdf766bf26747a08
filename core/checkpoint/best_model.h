#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sift/callback.h>
#include "model/decoder/decoder.h"
#include "parallel/parallel.h"

namespace sift {

// Selects the best model of a run by the rules of transformers (Trainer._determine_best_metric and
// _save_checkpoint).

/// Throws Error if the plan names a metric that no evaluation reports. `keys`: the reported ones.
void check_best_metric(const EvaluationPlan& plan, const std::vector<std::string>& keys);

/// Records the evaluation as the best if it is strictly better than the previous best, and returns whether it
/// is. Throws Error if it lacks the metric.
bool update_best(const EvaluationPlan& plan, const LogEntry& evaluation, TrainerState& state);

/// Records the checkpoint of the best evaluation if it exists; an older best checkpoint stays recorded as
/// long as it exists. `written` is a checkpoint about to be written, or empty.
void note_best_checkpoint(const std::filesystem::path& output_dir, const std::filesystem::path& written,
                          TrainerState& state);

/// The same after a resume from `resumed_from`, when the recorded path may be that of another place or, after
/// the run went back and on, of another branch: only a checkpoint whose log begins this run's is taken.
void find_best_checkpoint(const std::filesystem::path& output_dir, const std::filesystem::path& resumed_from,
                          TrainerState& state);

/// Loads the weights of the best checkpoint into the model. Without one it warns and keeps the weights.
/// Throws Error naming the mismatch if the checkpoint belongs to another model.
void load_best_model(const TrainerState& state, const Decoder& model, Parallel& parallel);

}  // namespace sift
