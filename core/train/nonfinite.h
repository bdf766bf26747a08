#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checkpoint/progress.h"
#include "config/sections.h"
#include "data/prepare.h"
#include "text/tokenizer.h"

namespace sift {

/// A step whose loss or gradient is not finite, and whose update therefore must not happen.
struct NonfiniteStep {
  std::int64_t step = 0;
  double loss = 0.0;
  double grad_norm = 0.0;
  /// Rows of the training data: those of the micro-batches whose loss is not finite or, when only the
  /// gradient is, all of the step.
  std::vector<std::int64_t> rows;
};

/// What was not finite and in which rows of the data files, with the beginning of the first one's text.
std::string describe_nonfinite(const NonfiniteStep& step, const PreparedData& data,
                               const Tokenizer& tokenizer);

/// Counts the step. Throws Error, which says what to do, when the run must end: by on_nonfinite = "stop" or
/// after max_nonfinite_steps in a row.
void count_nonfinite(const std::string& description, const TrainOptions& options, Progress& progress);

}  // namespace sift
