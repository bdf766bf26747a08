#pragma once

#include <cstdint>
#include <string>

#include "checkpoint/progress.h"
#include "config/sections.h"
#include "data/prepare.h"
#include "text/tokenizer.h"
#include "train/train_step.h"

namespace sift {

/// Whether the update of a step may happen: neither its loss nor its gradients are NaN or infinite.
bool is_finite(const StepResult& result);

/// What of step `step` is not finite and in which rows of the data files, with the beginning of the first
/// one's text. The rows are those of the micro-batches whose loss is not finite or, when only the gradient
/// is, all of the step.
std::string describe_nonfinite(const StepResult& result, std::int64_t step, const PreparedData& data,
                               const Tokenizer& tokenizer);

/// Counts the step. Throws Error, which says what to do, when the run must end: by on_nonfinite = "stop" or
/// after max_nonfinite_steps in a row.
void count_nonfinite(const std::string& description, const TrainOptions& options, Progress& progress);

}  // namespace sift
