#pragma once

#include <cstdint>
#include <filesystem>

#include "optim/optimizer_state.h"

namespace sift {

/// The position of the schedule after a step.
struct ScheduleState {
  double base_lr = 0.0;  ///< learning_rate of the configuration
  double next_lr = 0.0;  ///< of the next step
  std::int64_t finished_steps = 0;
  bool is_constant = false;  ///< lr_scheduler_type "constant", which transformers constructs differently
};

/// Writes optimizer.pt as torch.save writes the state_dict() of torch.optim, with the groups of transformers'
/// Trainer.create_optimizer. A parameter that was never updated has no state in it.
void write_optimizer_file(const std::filesystem::path& file, const OptimizerState& optimizer,
                          const ScheduleState& schedule);

/// Restores the state of `optimizer`, whose tensors are overwritten, from an optimizer.pt of Sift or
/// transformers. The weight decay and the options of each group are compared with the run; a difference is a
/// warning, or an error (GroupOption::Change). Throws Error that names the file and the parameter on a
/// mismatch.
void read_optimizer_file(const std::filesystem::path& file, const Optimizer& optimizer);

/// Writes scheduler.pt: the state_dict() of torch's LambdaLR over those two groups.
void write_scheduler_file(const std::filesystem::path& file, const ScheduleState& schedule);

/// Compares a scheduler.pt with the position of this run's schedule, which depends only on the configuration
/// and the step; a difference is a warning. Throws Error if the file is damaged.
void check_scheduler_file(const std::filesystem::path& file, const ScheduleState& schedule);

}  // namespace sift
