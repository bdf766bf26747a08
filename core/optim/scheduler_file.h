#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "optim/schedule.h"

namespace sift {

/// The position of the schedule after a step.
struct ScheduleState {
  double base_lr = 0.0;  ///< learning_rate of the configuration
  double next_lr = 0.0;  ///< of the next step
  std::int64_t finished_steps = 0;
  bool is_constant = false;  ///< lr_scheduler_type "constant", which transformers constructs differently
  std::optional<AdaptiveSchedule> adaptive = {};

  static ScheduleState of(const Schedule& schedule, std::int64_t finished_steps);
};

/// Writes scheduler.pt: the state_dict() of torch's LambdaLR over the two groups of the optimizer, or that of
/// ReduceLROnPlateau or GreedyLR.
void write_scheduler_file(const std::filesystem::path& file, const ScheduleState& schedule);

/// Reads a scheduler.pt of Sift or transformers. The state of an adaptive schedule is restored; the position
/// of any other depends only on the configuration and the step. What else differs from this run is a warning.
/// Throws Error if the file is damaged.
void read_scheduler_file(const std::filesystem::path& file, std::int64_t finished_steps, Schedule& schedule);

}  // namespace sift
