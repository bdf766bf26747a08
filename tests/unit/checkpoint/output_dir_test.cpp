#include "checkpoint/output_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/manifest.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using test::TempFolder;
using testing::HasSubstr;

TEST(OutputDir, ResumesFromTheNewestWholeCheckpoint) {
  const TempFolder folder;
  for (const char* name : {"checkpoint-9", "checkpoint-10"}) {
    folder.write(std::string(name) + "/weights", "x");
    write_manifest(folder / name);
  }
  EXPECT_EQ(find_resume_checkpoint(folder.path(), "last").filename(), "checkpoint-10");
  folder.write("checkpoint-10/weights", "y");
  EXPECT_EQ(find_resume_checkpoint(folder.path(), "last").filename(), "checkpoint-9");
  EXPECT_THAT(error_of([&] { find_resume_checkpoint(folder.path(), (folder / "checkpoint-10").string()); }),
              HasSubstr("the checkpoint is damaged: " + (folder / "checkpoint-10/weights").string() +
                        ": its bytes have the hash"));
  EXPECT_EQ(find_newest_whole_checkpoint(folder.path()).filename(), "checkpoint-9");
  fs::remove(folder / "checkpoint-9/manifest.json");
  EXPECT_TRUE(find_newest_whole_checkpoint(folder.path()).empty());
  EXPECT_THAT(error_of([&] { find_resume_checkpoint(folder.path(), "last"); }),
              HasSubstr("none of the 2 checkpoints in output_dir"));
}

TEST(OutputDir, UnfinishedFoldersOfAKilledRunGo) {
  const TempFolder folder;
  for (const char* name : {".checkpoint-3.tmp/x", ".final.tmp/x", ".removed-checkpoint-1/inner/x",
                           "checkpoint-2/x", ".mine/x", ".removed-by-me/x"}) {
    folder.write(name, "");
  }
  remove_unfinished(folder.path());
  EXPECT_FALSE(fs::exists(folder / ".checkpoint-3.tmp"));
  EXPECT_FALSE(fs::exists(folder / ".final.tmp"));
  EXPECT_FALSE(fs::exists(folder / ".removed-checkpoint-1"));
  EXPECT_TRUE(fs::exists(folder / "checkpoint-2"));
  EXPECT_TRUE(fs::exists(folder / ".mine"));
  EXPECT_TRUE(fs::exists(folder / ".removed-by-me"));
}

TEST(OutputDir, ACheckpointThatWasBeingReplacedGetsItsNameBack) {
  const TempFolder folder;
  for (const char* name : {".checkpoint-3.old/x", ".checkpoint-6.old/x", "checkpoint-6/x", ".mine.old/x"})
    folder.write(name, "");
  remove_unfinished(folder.path());
  EXPECT_TRUE(fs::exists(folder / "checkpoint-3/x"));
  EXPECT_FALSE(fs::exists(folder / ".checkpoint-3.old"));
  EXPECT_TRUE(fs::exists(folder / "checkpoint-6/x"));
  EXPECT_FALSE(fs::exists(folder / ".checkpoint-6.old"));
  EXPECT_TRUE(fs::exists(folder / ".mine.old"));
}

TEST(OutputDir, CheckpointsThatWereMovedAsideAreARun) {
  const TempFolder folder;
  folder.write("checkpoint-3.superseded/x", "");
  EXPECT_THAT(error_of([&] { claim_output_dir(folder.path(), "model", OutputMode::kFresh); }),
              HasSubstr("already holds a run (checkpoint-3.superseded)"));
  EXPECT_THAT(error_of([&] { find_resume_checkpoint(folder.path(), "last"); }),
              HasSubstr("--resume=" + (folder / "checkpoint-3.superseded").string() + " continues from"));
}

TEST(OutputDir, AModelWithoutACheckpointIsNoRunToResume) {
  const TempFolder folder;
  const auto claim = [&] { claim_output_dir(folder.path(), "model", OutputMode::kResumeIfPossible); };
  folder.write("train.log", "");
  EXPECT_EQ(error_of(claim), "");
  folder.write("model.safetensors", "");
  EXPECT_THAT(error_of(claim), HasSubstr("already holds a run (model.safetensors)"));
  folder.write("checkpoint-3/x", "");
  EXPECT_EQ(error_of(claim), "");
}

TEST(OutputDir, ClaimingRemovesNothing) {
  const TempFolder folder;
  for (const char* name :
       {"checkpoint-3/model.safetensors", "model.safetensors", "model-00001-of-00002.safetensors",
        "trainer_state.json", "notes.txt", "data/model.safetensors"}) {
    folder.write(name, "x");
  }
  EXPECT_THAT(error_of([&] { claim_output_dir(folder.path(), "model", OutputMode::kFresh); }),
              HasSubstr("checkpoint-3"));
  claim_output_dir(folder.path(), "model", OutputMode::kOverwrite);
  EXPECT_TRUE(fs::exists(folder / "checkpoint-3"));
}

}  // namespace
}  // namespace sift
