#include "checkpoint/earlier_run.h"

#include <gtest/gtest.h>

#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::TempFolder;

/// The part of a trainer_state.json that tells the step.
std::string state_at(int step) {
  return "{\"global_step\": " + std::to_string(step) +
         ", \"max_steps\": 90, \"num_train_epochs\": 1, \"epoch\": 0.5, \"log_history\": []}";
}

TEST(EarlierRun, OfAReplacedRunEverythingGoesOnceTheNewOneHasAResult) {
  const TempFolder folder;
  for (const char* name :
       {"checkpoint-3/model.safetensors", "checkpoint-9.superseded/x", "model.safetensors",
        "model-00001-of-00002.safetensors", "trainer_state.json", "notes.txt", "data/model.safetensors"}) {
    folder.write(name, "x");
  }
  EarlierRun run = EarlierRun::replaced(folder.path());
  EXPECT_TRUE(run.holds(folder / "checkpoint-3"));
  EXPECT_TRUE(fs::exists(folder / "checkpoint-3"));
  run.make_way();
  EXPECT_TRUE(fs::exists(folder / "checkpoint-3.superseded/model.safetensors"));
  folder.write("checkpoint-3/model.safetensors", "of the new run");
  run.remove({"model.safetensors"});
  EXPECT_FALSE(fs::exists(folder / "checkpoint-3.superseded"));
  EXPECT_FALSE(fs::exists(folder / "checkpoint-9.superseded"));
  EXPECT_FALSE(fs::exists(folder / "model-00001-of-00002.safetensors"));
  EXPECT_FALSE(fs::exists(folder / "trainer_state.json"));
  for (const char* name :
       {"checkpoint-3/model.safetensors", "model.safetensors", "notes.txt", "data/model.safetensors"}) {
    EXPECT_TRUE(fs::exists(folder / name)) << name;
  }
}

TEST(EarlierRun, OfABranchThatWasLeftOnlyTheNewerCheckpointsMove) {
  const TempFolder folder;
  for (const int step : {30, 45, 60})
    folder.write("checkpoint-" + std::to_string(step) + "/trainer_state.json", state_at(step));
  folder.write("trainer_state.json", "x");
  EarlierRun run = EarlierRun::left_at(folder.path(), folder / "checkpoint-30");
  EXPECT_FALSE(run.holds(folder / "checkpoint-30"));
  run.make_way();
  run.remove();
  EXPECT_TRUE(fs::exists(folder / "checkpoint-30"));
  EXPECT_TRUE(fs::exists(folder / "checkpoint-45.superseded"));
  EXPECT_TRUE(fs::exists(folder / "checkpoint-60.superseded"));
  EXPECT_FALSE(fs::exists(folder / "checkpoint-60"));
  EXPECT_TRUE(fs::exists(folder / "trainer_state.json"));
}

TEST(EarlierRun, OfARunThatBeginsAgainAllCheckpointsMove) {
  const TempFolder folder;
  folder.write("checkpoint-3/x", "no whole checkpoint");
  EarlierRun run = EarlierRun::left_at(folder.path(), {});
  EXPECT_TRUE(run.holds(folder / "checkpoint-3"));
  run.make_way();
  run.remove();
  EXPECT_TRUE(fs::exists(folder / "checkpoint-3.superseded/x"));
}

TEST(EarlierRun, ACheckpointThatWasMovedAsideCanBeContinued) {
  const TempFolder folder;
  folder.write("checkpoint-60.superseded/trainer_state.json", state_at(60));
  for (const int step : {30, 60, 75})
    folder.write("checkpoint-" + std::to_string(step) + "/trainer_state.json", state_at(step));
  EarlierRun run = EarlierRun::left_at(folder.path(), folder / "checkpoint-60.superseded");
  run.make_way();
  EXPECT_TRUE(fs::exists(folder / "checkpoint-30"));
  EXPECT_TRUE(fs::exists(folder / "checkpoint-60.superseded"));
  EXPECT_TRUE(fs::exists(folder / "checkpoint-60.superseded-2"));
  EXPECT_TRUE(fs::exists(folder / "checkpoint-75.superseded"));
}

}  // namespace
}  // namespace sift
