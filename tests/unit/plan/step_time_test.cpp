#include "plan/step_time.h"

#include <gtest/gtest.h>

namespace sift {
namespace {

TEST(StepTime, AddsTheLinkAndTheLatency) {
  const StepTime time =
      step_time({.operations = 3, .messages = 40, .rounds = 20, .bytes = 5'000'000'000}, 3000,
                {.tokens_per_second = 1000, .gigabytes_per_second = 2.5, .latency_us = 100});
  EXPECT_DOUBLE_EQ(time.compute, 3.0);
  EXPECT_DOUBLE_EQ(time.communication, 2.002);
  EXPECT_DOUBLE_EQ(time.at_best(), 3.0);
  EXPECT_DOUBLE_EQ(time.at_worst(), 5.002);
  EXPECT_EQ(step_time({}, 3000, {}).at_worst(), 0.0);
}

}  // namespace
}  // namespace sift
