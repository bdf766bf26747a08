#include "optim/adaptive_schedule.h"

#include <gtest/gtest.h>

#include "support/adaptive_case.h"

namespace sift {
namespace {

// tests/reference/make_adaptive_schedule_goldens.py wrote what transformers' get_scheduler gives.
TEST(AdaptiveSchedule, EveryEvaluationIsTransformers) {
  const auto cases = test::adaptive_cases();
  ASSERT_GE(cases.size(), 16U);
  for (const test::AdaptiveCase& golden : cases) {
    SCOPED_TRACE(golden.name);
    Schedule schedule = golden.schedule();
    EXPECT_EQ(schedule.at(3), golden.options.learning_rate);
    for (std::size_t i = 0; i < golden.metrics.size(); ++i) {
      schedule.adaptive()->observe(golden.metrics[i]);
      EXPECT_EQ(schedule.at(3), golden.rates[i]) << "evaluation " << i;
    }
  }
}

TEST(AdaptiveSchedule, ACopyHasAStateOfItsOwn) {
  AdaptiveSchedule schedule("reduce_lr_on_plateau", {{"patience", std::int64_t{0}}}, 1e-3);
  schedule.observe(1.0);
  const AdaptiveSchedule copy = schedule;
  schedule.observe(2.0);
  EXPECT_EQ(schedule.rate(), 1e-4);
  EXPECT_EQ(copy.rate(), 1e-3);
}

}  // namespace
}  // namespace sift
