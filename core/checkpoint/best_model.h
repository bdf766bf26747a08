#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sift/callback.h>
#include "config/config.h"
#include "model/decoder/decoder.h"

namespace sift {

// Which model of a run is the best, by the rules of transformers (Trainer._determine_best_metric and
// _save_checkpoint).

/// What [train] says about evaluation, its defaults resolved.
EvaluationPlan evaluation_plan(const TrainOptions& options);

/// Throws Error when the plan names a figure that no evaluation gives. `keys`: those that one gives.
void check_best_metric(const EvaluationPlan& plan, const std::vector<std::string>& keys);

/// Takes the evaluation for the best one when it is strictly better than the best before. Throws Error when
/// it does not have the figure.
void update_best(const EvaluationPlan& plan, const LogEntry& evaluation, TrainerState& state);

/// Notes the checkpoint of the best evaluation where there is one; an older best one stays noted as long as
/// it is there. `written` is a checkpoint that is about to be written, or empty.
void note_best_checkpoint(const std::filesystem::path& output_dir, const std::filesystem::path& written,
                          TrainerState& state);

/// Gives the model the weights of the best checkpoint. Without one it warns and keeps the weights. Throws
/// Error naming what does not fit when the checkpoint is not of this model.
void load_best_model(const TrainerState& state, const Decoder& model);

}  // namespace sift
