#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sift/options.h>

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

/// A value of lr_scheduler_type.
struct ScheduleType {
  std::string name;
  std::vector<std::string> kwargs;  ///< keys it accepts in lr_scheduler_kwargs
};

/// The table of all schedules.
const std::vector<ScheduleType>& schedule_types();

/// The learning rate as a function of the number of finished steps, so the first step uses at(0), which is 0
/// with a warm-up.
class Schedule {
 public:
  /// Throws Error for an unknown type or invalid arguments.
  explicit Schedule(const ScheduleOptions& options);

  double at(std::int64_t finished_steps) const;
  const ScheduleOptions& options() const { return options_; }

 private:
  ScheduleOptions options_;
  std::function<double(double step)> factor_;
};

}  // namespace sift
