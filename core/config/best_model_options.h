#pragma once

#include <sift/callback.h>
#include "config/sections.h"
#include "formats/diagnostics.h"

namespace sift {

/// The evaluation options of [train] with resolved defaults.
EvaluationPlan evaluation_plan(const TrainOptions& options);

/// Checks that save_strategy = "best" will find a best evaluation. `place` is where the option is set.
void check_saving_best(const TrainOptions& options, const Place& place, Diagnostics& diagnostics);

/// Checks that load_best_model_at_end will find a checkpoint of the best evaluation: saves must coincide with
/// evaluations (TrainingArguments.__post_init__ of transformers). `place` is where the option is set.
void check_best_model(const TrainOptions& options, const Place& place, Diagnostics& diagnostics);

}  // namespace sift
