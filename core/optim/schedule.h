#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sift/options.h>
#include "optim/adaptive_schedule.h"

namespace sift {

/// The options of a learning-rate schedule; names and defaults are those of
/// transformers.optimization.get_scheduler.
struct ScheduleOptions {
  std::string type = "linear";  ///< lr_scheduler_type
  ScalarTable kwargs;           ///< lr_scheduler_kwargs
  double learning_rate = 0.0;
  double warmup_steps = 0.0;  ///< below 1: a fraction of max_steps, rounded up
  std::int64_t max_steps = 0;
};

/// `warmup_steps` as a number of steps: below 1 it is a fraction of max_steps, rounded up.
std::int64_t num_warmup_steps(double warmup_steps, std::int64_t max_steps);

/// A value of lr_scheduler_type.
struct ScheduleType {
  std::string name;
  std::vector<std::string> kwargs;  ///< keys it accepts in lr_scheduler_kwargs
};

/// The table of all schedules.
const std::vector<ScheduleType>& schedule_types();

/// The learning rate as a function of the number of finished steps, so the first step uses at(0), which is 0
/// with a warm-up. An adaptive schedule depends on the evaluations instead, and has no warm-up.
class Schedule {
 public:
  /// Throws Error for an unknown type or invalid arguments.
  explicit Schedule(const ScheduleOptions& options);

  double at(std::int64_t finished_steps) const;
  const ScheduleOptions& options() const { return options_; }
  /// Set for "reduce_lr_on_plateau" and "greedy".
  std::optional<AdaptiveSchedule>& adaptive() { return adaptive_; }
  const std::optional<AdaptiveSchedule>& adaptive() const { return adaptive_; }

 private:
  ScheduleOptions options_;
  std::optional<AdaptiveSchedule> adaptive_;
  std::function<double(double step)> factor_;
};

}  // namespace sift
