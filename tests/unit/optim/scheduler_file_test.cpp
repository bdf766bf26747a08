#include "optim/scheduler_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "formats/torch_file.h"
#include "support/adaptive_case.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::AdaptiveCase;
using test::TempFolder;
using testing::HasSubstr;

fs::path checkpoint_of_trl() {
  return fs::path(SIFT_FIXTURES) / "parity" / "checkpoints" / "llama-resume" / "checkpoint-10";
}

std::string warnings_of(const fs::path& file, std::int64_t finished_steps, Schedule& schedule) {
  testing::internal::CaptureStderr();
  read_scheduler_file(file, finished_steps, schedule);
  return testing::internal::GetCapturedStderr();
}

TEST(SchedulerFile, IsWhatTrlWrites) {
  const TempFolder folder;
  write_scheduler_file(folder / "scheduler.pt", {1e-3, 5e-4, 10, false});
  const PickleValue ours = TorchFile(folder / "scheduler.pt").root();
  const PickleValue theirs = TorchFile(checkpoint_of_trl() / "scheduler.pt").root();
  for (const char* key : {"last_epoch", "_step_count"})
    EXPECT_EQ(ours.at(key).to_int(), theirs.at(key).to_int());
  for (const char* key : {"_is_initial", "_get_lr_called_within_step"})
    EXPECT_EQ(ours.at(key).to_bool(), theirs.at(key).to_bool());
  for (const char* key : {"base_lrs", "_last_lr"}) {
    ASSERT_EQ(ours.at(key).items().size(), 2U);
    EXPECT_EQ(ours.at(key).items()[1].to_double(), theirs.at(key).items()[1].to_double());
  }
  EXPECT_FALSE(ours.at("lr_lambdas").items().at(1).has("anything"));  // a dict, as theirs
}

TEST(SchedulerFile, OtherSettingsAreAWarning) {
  const fs::path file = checkpoint_of_trl() / "scheduler.pt";
  Schedule other({"linear", {}, 2e-3, 0, 20});
  EXPECT_THAT(warnings_of(file, 9, other),
              testing::AllOf(HasSubstr("learning_rate 0.001"), HasSubstr("last_epoch 10 (now 9)")));
  Schedule same({"linear", {}, 1e-3, 0, 20});
  EXPECT_EQ(warnings_of(file, 10, same), "");
}

// tests/reference/make_adaptive_schedule_goldens.py saved the state of each schedule halfway.
TEST(SchedulerFile, AdaptiveStateOfTransformersGoesOn) {
  for (const AdaptiveCase& golden : test::adaptive_cases()) {
    SCOPED_TRACE(golden.name);
    Schedule schedule = golden.schedule();
    EXPECT_EQ(warnings_of(golden.scheduler_file, 0, schedule), "");
    for (std::size_t i = golden.halfway; i < golden.metrics.size(); ++i) {
      schedule.adaptive()->observe(golden.metrics[i]);
      EXPECT_EQ(schedule.at(0), golden.rates[i]) << "evaluation " << i;
    }
  }
}

TEST(SchedulerFile, AdaptiveStateIsWrittenAndReadBack) {
  for (const AdaptiveCase& golden : test::adaptive_cases()) {
    SCOPED_TRACE(golden.name);
    const TempFolder folder;
    Schedule written = golden.schedule();
    for (std::size_t i = 0; i < golden.halfway; ++i) written.adaptive()->observe(golden.metrics[i]);
    write_scheduler_file(folder / "scheduler.pt", ScheduleState::of(written, 7));
    const PickleValue ours = TorchFile(folder / "scheduler.pt").root();
    const PickleValue theirs = TorchFile(golden.scheduler_file).root();
    for (const char* key : {"factor", "patience", "cooldown", "eps", "last_epoch", "threshold", "best",
                            "cooldown_counter", "num_bad_epochs"})
      EXPECT_EQ(ours.at(key).to_double(), theirs.at(key).to_double()) << key;
    for (const char* key : {"num_good_epochs", "warmup_counter", "reset_start", "reset_start_original"}) {
      ASSERT_EQ(ours.has(key), theirs.has(key)) << key;
      if (!theirs.has(key)) continue;
      EXPECT_EQ(ours.at(key).to_int(), theirs.at(key).to_int()) << key;
    }
    for (const char* key : {"min_lrs", "max_lrs", "_last_lr", "_init_lrs"}) {
      ASSERT_EQ(ours.has(key), theirs.has(key)) << key;
      if (!theirs.has(key)) continue;
      EXPECT_EQ(ours.at(key).items()[1].to_double(), theirs.at(key).items()[1].to_double());
    }
    for (const char* key : {"mode", "threshold_mode", "mode_worse", "default_min_lr", "_streaming_avg"})
      EXPECT_EQ(ours.has(key), theirs.has(key)) << key;

    Schedule read = golden.schedule();
    EXPECT_EQ(warnings_of(folder / "scheduler.pt", 7, read), "");
    for (std::size_t i = golden.halfway; i < golden.metrics.size(); ++i) {
      read.adaptive()->observe(golden.metrics[i]);
      EXPECT_EQ(read.at(0), golden.rates[i]) << "evaluation " << i;
    }
  }
}

TEST(SchedulerFile, OfAnotherTypeIsAWarning) {
  Schedule greedy({"greedy", {}, 1e-3, 0, 20});
  EXPECT_THAT(warnings_of(checkpoint_of_trl() / "scheduler.pt", 10, greedy),
              HasSubstr("written with another lr_scheduler_type; 'greedy' of this run starts with "
                        "learning_rate"));
  EXPECT_EQ(greedy.at(10), 1e-3);
  const fs::path plateau = test::adaptive_cases().front().scheduler_file;
  Schedule linear({"linear", {}, 1e-3, 0, 20});
  EXPECT_THAT(warnings_of(plateau, 10, linear), HasSubstr("'linear' of this run goes on by the step"));
  EXPECT_THAT(warnings_of(plateau, 10, greedy), HasSubstr("written with another lr_scheduler_type"));
}

TEST(SchedulerFile, OtherArgumentsAreAWarning) {
  Schedule other({"reduce_lr_on_plateau", {{"patience", std::int64_t{3}}, {"factor", 0.5}}, 1e-3, 0, 20});
  EXPECT_THAT(warnings_of(test::adaptive_cases().front().scheduler_file, 0, other),
              testing::AllOf(HasSubstr("patience 10 (now 3)"), HasSubstr("(now 0.5)")));
}

}  // namespace
}  // namespace sift
