#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include <sift/callback.h>
#include "checkpoint/window.h"

namespace sift {

/// The progress of a run besides weights and optimizer: everything a resumed run needs to write the same log
/// as an uninterrupted one.
struct Progress {
  TrainerState state;
  MetricWindow window;
  double loss_since_log = 0.0;        ///< sum of the step losses since the last log, added in float32
  std::int64_t steps_since_log = 0;   ///< steps in that sum
  double total_loss = 0.0;            ///< sum of the losses of all logged steps
  std::int64_t total_loss_steps = 0;  ///< steps in that sum
  std::int64_t last_logged_step = 0;
  double grad_norm = 0.0;                ///< of the last update, before clipping
  std::int64_t nonfinite_since_log = 0;  ///< steps since the last log without an update
  std::int64_t nonfinite_in_a_row = 0;
  bool epoch_ended = false;                ///< the epoch end at this step was handled
  bool evaluation_due = false;             ///< the run was stopped before the evaluation of this step
  std::int64_t num_input_tokens_seen = 0;  ///< counted if include_num_input_tokens_seen asks for it
  double total_flos = 0.0;                 ///< 6 * tokens * parameters outside the embedding, as transformers
};

}  // namespace sift
