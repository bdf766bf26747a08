#pragma once

#include <cstdint>
#include <string>

#include "checkpoint/progress.h"
#include "config/sections.h"
#include "data/prepare.h"
#include "text/tokenizer.h"
#include "train/train_step.h"

namespace sift {

/// Describes the non-finite value of a step and its rows in the data files, with the beginning of the
/// first row's text. The rows are those of the micro-batches whose loss is not finite or, if only the
/// gradient is not finite, all rows of the step. With several processes, the rows of those ranks whose own
/// loss is not finite are named, or all of them.
std::string describe_nonfinite(const StepResult& result, const PreparedData& data, const Tokenizer& tokenizer,
                               Parallel& parallel);

/// Counts the step. Throws Error with advice if the run must stop: by on_nonfinite = "stop" or after
/// max_nonfinite_steps in a row.
void count_nonfinite(const std::string& description, const TrainOptions& options, Progress& progress);

}  // namespace sift
