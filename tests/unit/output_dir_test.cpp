#include "train/output_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_folder.h"
#include "train/checkpoint.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using test::TempFolder;
using testing::HasSubstr;

TEST(OutputDir, CheckpointsAreFoundByNumber) {
  const TempFolder folder;
  for (const char* name :
       {"checkpoint-10/x", "checkpoint-9/x", "checkpoint-x/x", "checkpoint-/x", ".checkpoint-11.tmp/x"}) {
    folder.write(name, "");
  }
  folder.write("checkpoint-12", "a file");
  const auto found = find_checkpoints(folder.path());
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].filename(), "checkpoint-9");
  EXPECT_EQ(found[1].filename(), "checkpoint-10");
  EXPECT_EQ(find_resume_checkpoint(folder.path(), "last").filename(), "checkpoint-10");
}

TEST(OutputDir, RemovesOnlyWhatARunLeaves) {
  const TempFolder folder;
  for (const char* name :
       {"checkpoint-3/model.safetensors", "model.safetensors", "model-00001-of-00002.safetensors",
        "trainer_state.json", "notes.txt", "data/model.safetensors"}) {
    folder.write(name, "x");
  }
  EXPECT_THAT(error_of([&] { check_output_dir(folder.path(), "model", OutputMode::kFresh); }),
              HasSubstr("checkpoint-3"));
  check_output_dir(folder.path(), "model", OutputMode::kOverwrite);
  EXPECT_TRUE(fs::exists(folder / "checkpoint-3"));  // checking removes nothing
  remove_old_run(folder.path());
  EXPECT_FALSE(fs::exists(folder / "checkpoint-3"));
  EXPECT_FALSE(fs::exists(folder / "model-00001-of-00002.safetensors"));
  EXPECT_TRUE(fs::exists(folder / "notes.txt"));
  EXPECT_TRUE(fs::exists(folder / "data/model.safetensors"));
  check_output_dir(folder.path(), "model", OutputMode::kFresh);
}

}  // namespace
}  // namespace sift
