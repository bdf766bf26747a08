#include "optim/schedule.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/temp_folder.h"

namespace sift {
namespace {

using Json = nlohmann::json;

ScheduleOptions options_of(const Json& json) {
  ScheduleOptions options;
  options.type = json.at("type").get<std::string>();
  options.learning_rate = json.at("learning_rate").get<double>();
  options.warmup_steps = json.at("warmup_steps").get<double>();
  options.max_steps = json.at("max_steps").get<std::int64_t>();
  for (const auto& [key, value] : json.at("kwargs").items()) {
    if (value.is_string()) options.kwargs[key] = value.get<std::string>();
    if (value.is_number_integer()) options.kwargs[key] = value.get<std::int64_t>();
    if (value.is_number_float()) options.kwargs[key] = value.get<double>();
  }
  return options;
}

// tests/reference/make_schedule_goldens.py wrote what transformers' get_scheduler gives.
TEST(Schedule, EveryStepOfEveryTypeIsTransformers) {
  const Json cases = Json::parse(test::read_file(std::string(SIFT_FIXTURES) + "/schedules.json"));
  ASSERT_GE(cases.size(), 20U);
  for (const Json& golden : cases) {
    const Schedule schedule(options_of(golden));
    const auto rates = golden.at("rates").get<std::vector<double>>();
    for (std::size_t step = 0; step < rates.size(); ++step) {
      EXPECT_DOUBLE_EQ(schedule.at(static_cast<std::int64_t>(step)), rates[step])
          << golden.at("type") << " " << golden.at("kwargs") << " after " << step << " steps";
    }
  }
}

TEST(Schedule, FirstStepOfAWarmUpHasRateZero) {
  const Schedule schedule({"linear", {}, 1e-3, 2, 10});
  const double expected[] = {0, 5e-4, 1e-3, 8.75e-4, 7.5e-4, 6.25e-4, 5e-4, 3.75e-4, 2.5e-4, 1.25e-4, 0};
  for (int step = 0; step <= 10; ++step) EXPECT_DOUBLE_EQ(schedule.at(step), expected[step]);
}

TEST(Schedule, RatioOfWarmUpIsRoundedUp) {
  const Schedule schedule({"constant_with_warmup", {}, 1.0, 0.11, 10});
  EXPECT_DOUBLE_EQ(schedule.at(1), 0.5);
  EXPECT_DOUBLE_EQ(schedule.at(2), 1.0);
}

TEST(Schedule, RefusesArgumentsThatDoNotFit) {
  const auto error = [](ScheduleOptions options) { return test::error_of([&] { Schedule{options}; }); };
  EXPECT_EQ(error({"cosine_with_min_lr", {}, 1e-3, 0, 10}),
            "lr_scheduler_type 'cosine_with_min_lr' needs exactly one of min_lr and min_lr_rate in "
            "lr_scheduler_kwargs");
  EXPECT_EQ(error({"warmup_stable_decay", {}, 1e-3, 0, 10}),
            "lr_scheduler_type 'warmup_stable_decay' needs num_decay_steps in lr_scheduler_kwargs");
  EXPECT_EQ(error({"polynomial", {}, 1e-8, 0, 10}),
            "lr_scheduler_type 'polynomial' needs learning_rate (1e-08) above lr_end (1e-07)");
  EXPECT_EQ(error({"zigzag", {}, 1e-3, 0, 10}), "unknown lr_scheduler_type 'zigzag'");
}

}  // namespace
}  // namespace sift
