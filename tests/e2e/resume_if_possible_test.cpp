#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/program.h"
#include "support/run_folder.h"
#include "support/small_run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::SmallRun;
using testing::HasSubstr;

class ResumeIfPossible : public testing::Test {
 protected:
  test::ProgramResult train(const std::vector<std::string>& settings = {}) const {
    return test::sift(test::with_settings({"train", config_, "--resume-if-possible"}, settings));
  }
  void damage(const char* checkpoint) const {
    const fs::path file = run_.output_dir() / checkpoint / "optimizer.pt";
    fs::resize_file(file, fs::file_size(file) / 2);
  }
  const SmallRun run_;
  const std::string config_ = run_.write_config();
};

TEST_F(ResumeIfPossible, StartsARunAndContinuesIt) {
  fs::create_directories(run_.output_dir());
  run_.folder().write("out/job.log", "of the scheduler");
  const auto first = train();
  ASSERT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("holds no whole checkpoint: this is a new run"));
  const std::string weights = test::weights_of(run_.output_dir());
  fs::remove_all(run_.output_dir() / "checkpoint-6");
  const auto second = train();
  ASSERT_EQ(second.status, 0) << second.err;
  EXPECT_THAT(second.err, HasSubstr("checkpoint-3 at step 3 of 6"));
  EXPECT_TRUE(test::weights_of(run_.output_dir()) == weights);
  const auto finished = train();
  EXPECT_EQ(finished.status, 0) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("at step 6 of 6"));
  EXPECT_TRUE(test::weights_of(run_.output_dir()) == weights);
}

TEST_F(ResumeIfPossible, PassesOverDamagedCheckpoints) {
  ASSERT_EQ(train().status, 0);
  const std::string weights = test::weights_of(run_.output_dir());
  damage("checkpoint-6");
  const auto older = train();
  ASSERT_EQ(older.status, 0) << older.err;
  EXPECT_THAT(older.err, HasSubstr("checkpoint-6 is damaged and not used"));
  EXPECT_THAT(older.err, HasSubstr("checkpoint-3 at step 3 of 6"));
  damage("checkpoint-6");
  damage("checkpoint-3");
  const auto none = train();
  ASSERT_EQ(none.status, 0) << none.err;
  EXPECT_THAT(none.err, HasSubstr("holds no whole checkpoint: this is a new run"));
  EXPECT_THAT(none.err, HasSubstr("checkpoint-3.superseded: this run went back to its beginning"));
  EXPECT_TRUE(test::weights_of(run_.output_dir()) == weights);
}

TEST_F(ResumeIfPossible, ReplacesNoModelWithoutACheckpoint) {
  ASSERT_EQ(train({"train.save_strategy=no"}).status, 0);
  const auto again = train({"train.save_strategy=no"});
  EXPECT_EQ(again.status, 1);
  EXPECT_THAT(again.err, HasSubstr("already holds a run"));
}

TEST_F(ResumeIfPossible, BeginsWithTheConfiguredCheckpoint) {
  ASSERT_EQ(train().status, 0);
  const std::string from = "train.resume_from_checkpoint=" + (run_.output_dir() / "checkpoint-3").string();
  const std::string to = "train.output_dir=" + (run_.folder() / "branch").string();
  const auto first = train({from, to});
  ASSERT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("out/checkpoint-3 at step 3 of 6"));
  const auto second = train({from, to});
  ASSERT_EQ(second.status, 0) << second.err;
  EXPECT_THAT(second.err, HasSubstr("branch/checkpoint-6 at step 6 of 6"));
  const auto last =
      train({"train.resume_from_checkpoint=last", "train.output_dir=" + (run_.folder() / "new").string()});
  EXPECT_EQ(last.status, 0) << last.err;
}

TEST_F(ResumeIfPossible, ExcludesItsAlternatives) {
  for (const char* other : {"--resume", "--overwrite"}) {
    const auto result = test::sift({"train", config_, "--resume-if-possible", other});
    EXPECT_EQ(result.status, 2);
    EXPECT_THAT(result.err,
                HasSubstr("--resume-if-possible and " + std::string(other) + " exclude each other"));
  }
}

}  // namespace
}  // namespace sift
