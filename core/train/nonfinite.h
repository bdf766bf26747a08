#pragma once

#include <cstdint>
#include <string>

#include "checkpoint/progress.h"
#include "config/sections.h"
#include "data/prepare.h"
#include "text/tokenizer.h"
#include "train/train_step.h"

namespace sift {

/// Whether the update of a step may be applied: neither its loss nor its gradients are NaN or infinite.
bool is_finite(const StepResult& result);

/// Describes the non-finite value of step `step` and its rows in the data files, with the beginning of the
/// first row's text. The rows are those of the micro-batches whose loss is not finite or, if only the
/// gradient is not finite, all rows of the step.
std::string describe_nonfinite(const StepResult& result, std::int64_t step, const PreparedData& data,
                               const Tokenizer& tokenizer);

/// Counts the step. Throws Error with advice if the run must stop: by on_nonfinite = "stop" or after
/// max_nonfinite_steps in a row.
void count_nonfinite(const std::string& description, const TrainOptions& options, Progress& progress);

}  // namespace sift
