#pragma once

#include "config/config.h"
#include "formats/diagnostics.h"

namespace sift {

/// Checks that load_best_model_at_end finds a checkpoint for its best evaluation: saving must happen when
/// evaluating does (TrainingArguments.__post_init__ of transformers). `place` is where it was asked for.
void check_best_model(const Config& config, const Place& place, Diagnostics& diagnostics);

}  // namespace sift
