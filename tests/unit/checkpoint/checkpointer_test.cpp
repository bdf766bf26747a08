#include "checkpoint/checkpointer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <vector>

#include <sift/error.h>

#include "support/adamw.h"
#include "support/small_run.h"
#include "support/temp_folder.h"

namespace sift {
namespace {
namespace fs = std::filesystem;

class CheckpointerTest : public testing::Test {
 protected:
  CheckpointerTest() {
    config_.model.path = test::SmallRun::model_folder().string();
    config_.train.output_dir = (folder_ / "out").string();
    config_.train.save_in_background = false;
    fs::create_directory(folder_ / "out");
  }
  Checkpointer checkpointer(const fs::path& last_complete = {}) {
    return {config_, text_, progress_, last_complete,
            [this](const fs::path& folder) { saved_.push_back(folder); }};
  }
  RunState run() { return {model_, *optimizer_, schedule_, progress_, {}}; }

  test::TempFolder folder_;
  Config config_;
  TextProcessor text_ = TextProcessor::from_folder(test::SmallRun::model_folder(), {});
  Decoder model_ = Decoder::load(test::SmallRun::model_folder(), at::kFloat, at::kCPU);
  std::unique_ptr<Optimizer> optimizer_ = test::adamw(model_.parameters());
  Schedule schedule_{{"linear", {}, 1e-3, 0, 10}};
  Progress progress_;
  std::vector<fs::path> saved_;
};

TEST_F(CheckpointerTest, TellsOfEachCheckpointThatIsComplete) {
  for (const bool in_background : {false, true}) {
    config_.train.save_in_background = in_background;
    Checkpointer checkpoints = checkpointer();
    EXPECT_TRUE(checkpoints.last_complete().empty());
    ++progress_.state.global_step;
    checkpoints.save(run());
    checkpoints.wait();
    const fs::path folder = folder_ / "out" / ("checkpoint-" + std::to_string(progress_.state.global_step));
    EXPECT_TRUE(fs::exists(folder / "manifest.json"));
    EXPECT_EQ(checkpoints.last_complete(), folder);
    EXPECT_EQ(saved_.back(), folder);
  }
  EXPECT_EQ(saved_.size(), 2U);
}

TEST_F(CheckpointerTest, AFailureEndsTheRunOnlyWhereNothingWasSavedBefore) {
  Checkpointer checkpoints = checkpointer();
  progress_.state.global_step = 1;
  checkpoints.save(run());
  fs::remove_all(folder_ / "out");
  folder_.write("out", "no folder");
  progress_.state.global_step = 2;
  EXPECT_NO_THROW(checkpoints.save(run()));
  EXPECT_EQ(checkpoints.last_complete(), folder_ / "out" / "checkpoint-1");
  EXPECT_EQ(saved_.size(), 1U);

  Checkpointer first = checkpointer();
  EXPECT_THROW(first.save(run()), Error);
}

}  // namespace
}  // namespace sift
