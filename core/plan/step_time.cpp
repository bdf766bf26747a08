#include "plan/step_time.h"

namespace sift {

StepTime step_time(const Traffic& traffic, std::int64_t tokens, const Speeds& speeds) {
  constexpr double kGiga = 1e9, kMicro = 1e-6;
  StepTime time;
  if (speeds.tokens_per_second) time.compute = static_cast<double>(tokens) / *speeds.tokens_per_second;
  time.communication = static_cast<double>(traffic.bytes) / (speeds.gigabytes_per_second * kGiga) +
                       static_cast<double>(traffic.rounds) * speeds.latency_us * kMicro;
  return time;
}

}  // namespace sift
