#include "data/data_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/data_file.h"
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

std::vector<std::string> rows_of(DataFile file) {
  std::vector<std::string> rows;
  for (auto block = file.next(2); !block.empty(); block = file.next(2)) {
    for (const JsonLine& row : block)
      rows.push_back(std::to_string(row.number) + ":" + std::string(row.text));
  }
  return rows;
}

TEST(DataFile, ArraysAreReadElementByElement) {
  const TempFolder folder;
  const auto file =
      folder.write("rows.json", "\n[ {\"text\": \"a, ]}\\\" \"},\n  {\"ids\": [1, {\"x\": 2}]} ,7\n]\n");
  EXPECT_THAT(rows_of(DataFile(file)),
              ElementsAre("2:{\"text\": \"a, ]}\\\" \"}", "3:{\"ids\": [1, {\"x\": 2}]}", "3:7"));
}

TEST(DataFile, LinesMayBeCalledJson) {
  const TempFolder folder;
  EXPECT_THAT(rows_of(DataFile(folder.write("rows.json", "{\"a\": 1}\n\n{\"a\": 2}\n"))),
              ElementsAre("1:{\"a\": 1}", "3:{\"a\": 2}"));
  EXPECT_THAT(rows_of(DataFile(folder.write("rows.jsonl", "[1]\n[2]"))), ElementsAre("1:[1]", "2:[2]"));
}

TEST(DataFile, BrokenArraysAreErrors) {
  const TempFolder folder;
  const auto error = [&](const std::string& text) {
    const auto file = folder.write("rows.json", text);
    return error_of([&] { rows_of(DataFile(file)); });
  };
  EXPECT_THAT(error("[{\"a\": 1},\n{\"a\": \"x"),
              HasSubstr("rows.json: the array of rows is not closed by ']'"));
  EXPECT_THAT(error("[1]\n]"), HasSubstr("rows.json: line 2: unexpected content after the array of rows"));
  EXPECT_THAT(error("[1,\n,2]"), HasSubstr("rows.json: line 2: a row is missing before ','"));
  EXPECT_THAT(error("[]"), HasSubstr("rows.json: the file holds no rows"));
  EXPECT_THAT(error("  "), HasSubstr("rows.json: the file holds no rows"));
}

}  // namespace
}  // namespace sift
