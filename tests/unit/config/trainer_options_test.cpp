#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/config_fixture.h"

namespace sift::config_test {
namespace {

using testing::HasSubstr;

TEST(TrainerOptions, DefaultsAreTransformers) {
  const Config config = read(kSmall);
  EXPECT_FALSE(config.train.data_seed.has_value());
  EXPECT_EQ(config.train.order_seed(), 42);
  EXPECT_EQ(config.train.train_sampling_strategy, "random");
  EXPECT_EQ(config.train.logging_strategy, "steps");
  EXPECT_EQ(config.train.include_num_input_tokens_seen, "no");
  EXPECT_FALSE(config.train.save_only_model || config.train.dataloader_drop_last ||
               config.train.ignore_data_skip);
}

TEST(TrainerOptions, ABooleanNamesWhichTokensAreCounted) {
  const std::string key = "include_num_input_tokens_seen = ";
  const auto value = [&](const std::string& text) {
    return read(kSmall + key + text + "\n").train.include_num_input_tokens_seen;
  };
  EXPECT_EQ(value("true"), "all");
  EXPECT_EQ(value("false"), "no");
  EXPECT_EQ(value("\"non_padding\""), "non_padding");
  EXPECT_THAT(faults(kSmall + key + "\"some\"\n"), HasSubstr("\"no\", \"all\", \"non_padding\""));
}

TEST(TrainerOptions, RollbackNeedsTheOptimizerInCheckpoints) {
  EXPECT_THAT(faults(kSmall + "save_only_model = true\non_nonfinite = \"rollback\"\n"),
              HasSubstr("save_only_model: on_nonfinite = \"rollback\" restores the optimizer"));
}

TEST(TrainerOptions, SchedulesThatFollowAMetricNeedEvaluations) {
  EXPECT_THAT(
      faults(kSmall + "lr_scheduler_type = \"reduce_lr_on_plateau\"\n"),
      HasSubstr("lr_scheduler_type: 'reduce_lr_on_plateau' follows the evaluations, found eval_strategy = "
                "\"no\"; choose \"steps\" or \"epoch\""));
  EXPECT_THAT(faults(kSmall + "lr_scheduler_type = \"greedy\"\nlr_scheduler_kwargs = { factor = 1.0 }\n"),
              HasSubstr("above 0 and below 1"));
}

TEST(TrainerOptions, GreedyWithALargeMinimumIsAWarning) {
  const std::string eval = "eval_strategy = \"epoch\"\nlr_scheduler_type = \"greedy\"\n";
  const std::string text =
      "[model]\npath = \"m\"\n[data]\ntrain = \"t\"\neval = \"e\"\n[train]\noutput_dir = \"o\"\n" + eval;
  testing::internal::CaptureStderr();
  read(text);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("'greedy' never goes below min_lr, which is 0.001"));
  testing::internal::CaptureStderr();
  const Config config = read(text + "lr_scheduler_kwargs = { min_lr = 1e-6, smooth = true, patience = 2 }\n");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(config.train.lr_scheduler_kwargs,
            (ScalarTable{{"min_lr", 1e-6}, {"smooth", true}, {"patience", std::int64_t{2}}}));
}

}  // namespace
}  // namespace sift::config_test
