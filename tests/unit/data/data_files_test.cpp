#include "data/data_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_folder.h"

namespace sift {
namespace {

using test::error_of;
using test::TempFolder;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(DataFiles, PatternsGiveTheirFilesInOrder) {
  const TempFolder folder;
  const std::string b = folder.write("part-b.jsonl", "").string();
  const std::string a = folder.write("part-a.jsonl", "").string();
  const std::string odd = folder.write("odd[1].jsonl", "").string();
  folder.write("part-c.txt", "");
  const std::string pattern = (folder / "part-*.jsonl").string();
  EXPECT_THAT(data_files({odd, pattern, "missing.jsonl"}), ElementsAre(odd, a, b, "missing.jsonl"));
  EXPECT_THAT(data_files({(folder / "part-[b-z].jsonl").string()}), ElementsAre(b));
}

TEST(DataFiles, WhatCannotBeReadIsNamed) {
  const TempFolder folder;
  const std::string pattern = (folder / "none-*.jsonl").string();
  EXPECT_THAT(error_of([&] { data_files({pattern}); }),
              HasSubstr(pattern + ": no file matches this pattern; see train and eval in [data]"));
}

}  // namespace
}  // namespace sift
