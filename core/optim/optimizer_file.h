#pragma once

#include <cstdint>
#include <filesystem>

#include "optim/optimizer.h"

namespace sift {

/// Where the schedule stands after a step.
struct ScheduleState {
  double base_lr = 0.0;  ///< learning_rate of the configuration
  double next_lr = 0.0;  ///< of the next step
  std::int64_t finished_steps = 0;
  bool is_constant = false;  ///< lr_scheduler_type "constant", which transformers makes in another way
};

/// Writes optimizer.pt: what torch.save makes of the state_dict() of torch.optim.AdamW(fused=True) with the
/// groups of transformers' Trainer.create_optimizer. A parameter that was never updated has no state there.
void write_optimizer_file(const std::filesystem::path& file, const AdamW& optimizer,
                          const ScheduleState& schedule);

/// Gives `optimizer` the state of an optimizer.pt, of Sift or of transformers. What the file says of decay,
/// betas and epsilon is compared with the run's; a difference is a warning, the run's counts. Throws Error
/// that names the file and the parameter when something does not fit.
void read_optimizer_file(const std::filesystem::path& file, const AdamW& optimizer);

/// Writes scheduler.pt: the state_dict() of torch's LambdaLR over those two groups.
void write_scheduler_file(const std::filesystem::path& file, const ScheduleState& schedule);

/// Compares a scheduler.pt with where this run's schedule stands, which follows from its configuration and
/// the step alone; a difference is a warning. Throws Error when the file is damaged.
void check_scheduler_file(const std::filesystem::path& file, const ScheduleState& schedule);

}  // namespace sift
