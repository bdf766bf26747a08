#pragma once

#include <cstdint>

#include "checkpoint/progress.h"
#include "config/sections.h"

namespace sift {

/// The entry of a log window in transformers' keys, and `nonfinite_steps` where there were any; begins the
/// next window.
LogEntry end_log_window(Progress& progress);

/// How long a run took, and how much of it this process did.
struct RunLength {
  double seconds = 0.0;
  std::int64_t first_step = 0;  ///< finished steps when this process began
  std::int64_t max_steps = 0;
  std::int64_t num_rows = 0;  ///< of the training data
};

/// The mean loss over all steps of the run.
double training_loss(const Progress& progress);

/// The entry at the end of a run: train_runtime and what follows from it, as transformers' speed_metrics.
LogEntry summary_entry(Progress& progress, const TrainOptions& options, const RunLength& length);

}  // namespace sift
