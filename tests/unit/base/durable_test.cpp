#include "base/durable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::TempFolder;

TEST(Durable, WritesAndReplacesWholeFiles) {
  const TempFolder folder;
  write_durably(folder / "state.json", "first");
  write_durably(folder / "state.json", "second");
  EXPECT_EQ(read_file(folder / "state.json"), "second");
  EXPECT_FALSE(fs::exists(folder / "state.json.tmp"));
}

TEST(Durable, ErrorNamesTheFile) {
  const TempFolder folder;
  const auto file = folder / "missing/state.json";
  EXPECT_THAT(test::error_of([&] { write_durably(file, "x"); }), testing::HasSubstr(file.string()));
}

TEST(Durable, StagedFolderIsInvisibleUntilItIsCommitted) {
  const TempFolder folder;
  {
    StagedFolder staged(folder / "checkpoint-1");
    folder.write(".checkpoint-1.tmp/model", "x");
    EXPECT_FALSE(fs::exists(folder / "checkpoint-1"));
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));  // what was not committed is gone
  StagedFolder staged(folder / "checkpoint-1");
  folder.write(".checkpoint-1.tmp/model", "y");
  staged.commit();
  EXPECT_EQ(read_file(folder / "checkpoint-1/model"), "y");
}

TEST(Durable, CommitReplacesAnOlderFolder) {
  const TempFolder folder;
  folder.write("checkpoint-1/old", "x");
  StagedFolder staged(folder / "checkpoint-1");
  folder.write(".checkpoint-1.tmp/new", "y");
  staged.commit();
  EXPECT_TRUE(fs::exists(folder / "checkpoint-1/new"));
  EXPECT_FALSE(fs::exists(folder / "checkpoint-1/old"));
}

TEST(Durable, CommitIntoLeavesOtherFilesAlone) {
  const TempFolder folder;
  folder.write("out/mine", "mine");
  folder.write("out/model", "old");
  StagedFolder staged(folder / "out/final");
  folder.write("out/.final.tmp/model", "new");
  staged.commit_into(folder / "out");
  EXPECT_EQ(read_file(folder / "out/model"), "new");
  EXPECT_EQ(read_file(folder / "out/mine"), "mine");
}

}  // namespace
}  // namespace sift
