#include "data/data_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_folder.h"

namespace sift {
namespace {

using test::error_of;
using test::TempFolder;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> rows_of(DataFile file) {
  std::vector<std::string> rows;
  for (auto block = file.next(); !block.empty(); block = file.next()) {
    for (const JsonLine& row : block)
      rows.push_back(std::to_string(row.number) + ":" + std::string(row.text));
  }
  return rows;
}

class DataFileRows : public testing::Test {
 protected:
  std::vector<std::string> rows(const std::string& text, const std::string& name = "rows.jsonl") const {
    return rows_of(DataFile(folder_.write(name, text), 2));
  }
  std::string error(const std::string& text) const {
    return error_of([&] { rows(text); });
  }

  TempFolder folder_;
};

TEST_F(DataFileRows, ArraysAreReadElementByElement) {
  for (const char* name : {"rows.json", "rows.jsonl", "ROWS.JSON"}) {
    EXPECT_THAT(rows("\n[ {\"text\": \"a, ]}\\\" \"},\n  {\"ids\": [1, {\"x\": 2}]} ,7\n]\n", name),
                ElementsAre("2:{\"text\": \"a, ]}\\\" \"}", "3:{\"ids\": [1, {\"x\": 2}]}", "3:7"));
  }
}

TEST_F(DataFileRows, LinesAreRows) {
  EXPECT_THAT(rows("{\"a\": 1}\n\n{\"a\": 2}\r\n {\"a\": \"}{\\\\\"}"),
              ElementsAre("1:{\"a\": 1}", "3:{\"a\": 2}", "4:{\"a\": \"}{\\\\\"}"));
}

TEST_F(DataFileRows, ByteOrderMarksAreSkipped) {
  EXPECT_THAT(rows("\xEF\xBB\xBF{\"a\": 1}\n{\"a\": 2}"), ElementsAre("1:{\"a\": 1}", "2:{\"a\": 2}"));
  EXPECT_THAT(rows("\xEF\xBB\xBF\n[{\"a\": 1}]"), ElementsAre("2:{\"a\": 1}"));
}

TEST_F(DataFileRows, ObjectsMayExtendOverLines) {
  const std::string first = "{\n  \"a\": [\n{\n\"b\": 1},\n[2]\n]\n,\"c\"\n:\n\"]\"\n}";
  EXPECT_THAT(rows(first + "\n{}\n" + first), ElementsAre("1:" + first, "11:{}", "12:" + first));
  EXPECT_THAT(rows("{\"a\": 1}{\"a\": 2} {\"a\": 3}\n"),
              ElementsAre("1:{\"a\": 1}", "1:{\"a\": 2}", "1:{\"a\": 3}"));
}

TEST_F(DataFileRows, ABadLineIsOneRow) {
  const std::string good = "\n{\"a\": 1}";
  for (const char* bad : {"{\"a\": [1, 2}", "{\"a\": \"open", "{\"a\": 1", "{\"a\": 1,", "nonsense",
                          "{\"a\": 1} x", "{\"a\":1}}", "{\"a\": \"\\", "{"}) {
    EXPECT_THAT(rows(bad + good), ElementsAre(std::string("1:") + bad, "2:{\"a\": 1}")) << bad;
  }
}

TEST_F(DataFileRows, LinesAreCountedOverManyBlocks) {
  std::string text;
  const std::string filler(100'000, 'x');
  for (int i = 0; i < 50; ++i) text += "{\"a\":\n\"" + filler + "\"}\n\n";
  const auto found = rows(text);
  ASSERT_EQ(found.size(), 50U);
  EXPECT_EQ(found[49], "148:{\"a\":\n\"" + filler + "\"}");
}

TEST_F(DataFileRows, BrokenArraysAreErrors) {
  EXPECT_THAT(error("[{\"a\": 1},\n{\"a\": \"x"),
              HasSubstr("rows.jsonl: the array of rows is not closed by ']'"));
  EXPECT_THAT(error("[1]\n]"), HasSubstr("rows.jsonl: line 2: unexpected content after the array of rows"));
  EXPECT_THAT(error("[1,\n,2]"), HasSubstr("rows.jsonl: line 2: a row is missing before ','"));
  EXPECT_THAT(error("[]"), HasSubstr("rows.jsonl: the file holds no rows"));
  EXPECT_THAT(error("  "), HasSubstr("rows.jsonl: the file holds no rows"));
  EXPECT_THAT(error(""), HasSubstr("rows.jsonl: the file holds no rows"));
}

TEST_F(DataFileRows, OtherContentIsNamed) {
  EXPECT_THAT(
      error("version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 3\n"),
      HasSubstr("rows.jsonl: the file is a Git LFS pointer, not the content itself; run 'git lfs pull'"));
  EXPECT_THAT(error("PAR1...."), HasSubstr("rows.jsonl: the file is a Parquet file; give it a name"));
}

}  // namespace
}  // namespace sift
