#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "optim/schedule.h"

namespace sift::test {

/// A schedule of transformers that follows a metric, of tests/fixtures/adaptive_schedules.
struct AdaptiveCase {
  std::string name;
  ScheduleOptions options;
  std::vector<double> metrics;           ///< of each evaluation
  std::vector<double> rates;             ///< after each
  std::size_t halfway = 0;               ///< evaluations before the file was written
  std::filesystem::path scheduler_file;  ///< scheduler.pt

  Schedule schedule() const { return Schedule(options); }
};

std::vector<AdaptiveCase> adaptive_cases();

}  // namespace sift::test
