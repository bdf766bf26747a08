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
  CheckpointerTest() { fs::create_directory(folder_ / "out"); }
  Checkpointer checkpointer(const fs::path& resumed_from = {}) {
    return {options_, info_, progress_, resumed_from,
            [this](const fs::path& folder) { saved_.push_back(folder); }};
  }
  fs::path checkpoint(std::int64_t step) const {
    return folder_ / "out" / ("checkpoint-" + std::to_string(step));
  }
  RunState run() { return {model_, OptimizerState::of(*optimizer_), schedule_, progress_, {}}; }

  test::TempFolder folder_;
  Checkpointer::Options options_{.output_dir = folder_ / "out", .save_in_background = false};
  RunInfo info_{ModelFolderSource::of(test::SmallRun::model_folder(),
                                      TextProcessor::from_folder(test::SmallRun::model_folder(), {})),
                {}};
  Decoder model_ = Decoder::load(test::SmallRun::model_folder(), at::kFloat, at::kCPU);
  std::unique_ptr<Optimizer> optimizer_ = test::adamw(model_.parameters());
  Schedule schedule_{{"linear", {}, 1e-3, 0, 10}};
  Progress progress_;
  std::vector<fs::path> saved_;
};

TEST_F(CheckpointerTest, TellsOfEachCheckpointThatIsComplete) {
  for (const bool in_background : {false, true}) {
    options_.save_in_background = in_background;
    Checkpointer checkpoints = checkpointer();
    EXPECT_TRUE(checkpoints.last_complete().empty());
    ++progress_.state.global_step;
    checkpoints.save(run());
    checkpoints.wait();
    const fs::path folder = checkpoint(progress_.state.global_step);
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

TEST_F(CheckpointerTest, LimitsTheirNumberOnceTheCallbacksHaveSeenTheNewOne) {
  fs::create_directory(checkpoint(1));
  fs::create_directory(checkpoint(2));
  options_.save_total_limit = 1;
  std::vector<bool> is_there;
  Checkpointer checkpoints{options_, info_, progress_, checkpoint(1), [&](const fs::path& folder) {
                             is_there.push_back(fs::exists(checkpoint(2)) && fs::exists(folder));
                           }};
  progress_.state.global_step = 3;
  checkpoints.save(run());
  EXPECT_EQ(is_there, std::vector<bool>{true});
  EXPECT_FALSE(fs::exists(checkpoint(2)));
  EXPECT_TRUE(fs::exists(checkpoint(1))) << "the run was resumed from it";

  progress_.state.best_model_checkpoint = checkpoint(3);
  progress_.state.best_global_step = 3;
  progress_.state.global_step = 4;
  checkpoints.save(run());
  progress_.state.global_step = 5;
  checkpoints.save(run());
  EXPECT_TRUE(fs::exists(checkpoint(3))) << "it is the best";
  EXPECT_FALSE(fs::exists(checkpoint(4)));
  EXPECT_TRUE(fs::exists(checkpoint(5)));
}

TEST_F(CheckpointerTest, KeepsAllWithoutALimit) {
  Checkpointer checkpoints = checkpointer();
  for (const std::int64_t step : {1, 2, 3}) {
    progress_.state.global_step = step;
    checkpoints.save(run());
  }
  for (const std::int64_t step : {1, 2, 3}) EXPECT_TRUE(fs::exists(checkpoint(step)));
}

}  // namespace
}  // namespace sift
