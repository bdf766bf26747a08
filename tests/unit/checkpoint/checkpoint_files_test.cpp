#include "checkpoint/checkpoint_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_folder.h"

namespace sift {
namespace {

using test::TempFolder;

TEST(CheckpointFiles, CheckpointsAreFoundByNumber) {
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
}

TEST(CheckpointFiles, CheckpointsMovedAsideHaveNamesOfTheirOwn) {
  const TempFolder folder;
  EXPECT_EQ(superseded_name(folder / "checkpoint-60"), folder / "checkpoint-60.superseded");
  for (const char* name :
       {"checkpoint-60.superseded/x", "checkpoint-9.superseded/x", "checkpoint-x.superseded/x"})
    folder.write(name, "");
  EXPECT_EQ(superseded_name(folder / "checkpoint-60"), folder / "checkpoint-60.superseded-2");
  folder.write("checkpoint-60.superseded-2/x", "");
  EXPECT_THAT(find_superseded(folder.path()),
              testing::ElementsAre(folder / "checkpoint-9.superseded", folder / "checkpoint-60.superseded",
                                   folder / "checkpoint-60.superseded-2"));
  EXPECT_TRUE(find_checkpoints(folder.path()).empty());
}

TEST(CheckpointFiles, StagedFoldersAreUnfinished) {
  const TempFolder folder;
  for (const char* name : {".checkpoint-3.tmp/x", ".final.tmp/x", "checkpoint-2/x", ".mine.tmp/x", "final/x"})
    folder.write(name, "");
  EXPECT_THAT(find_unfinished(folder.path()),
              testing::UnorderedElementsAre(folder / ".checkpoint-3.tmp", folder / ".final.tmp"));
}

}  // namespace
}  // namespace sift
