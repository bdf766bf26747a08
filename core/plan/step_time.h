#pragma once

#include <cstdint>
#include <optional>

#include "parallel/traffic.h"

namespace sift {

/// How fast processes compute and send.
struct Speeds {
  std::optional<double> tokens_per_second;  ///< of one process alone, as its log says
  double gigabytes_per_second = 1.25;       ///< that a process sends: 10 Gbit/s
  double latency_us = 50;                   ///< from one process to another
};

/// Of an update, in seconds.
struct StepTime {
  double compute = 0, communication = 0;

  /// If all of the communication is hidden behind forward and backward, and if none is.
  double at_best() const { return compute > communication ? compute : communication; }
  double at_worst() const { return compute + communication; }
};

/// `tokens`: of a process in an update. Every round of messages waits for the latency, and all bytes for the
/// link. Without tokens_per_second, compute is 0.
StepTime step_time(const Traffic& traffic, std::int64_t tokens, const Speeds& speeds);

}  // namespace sift
