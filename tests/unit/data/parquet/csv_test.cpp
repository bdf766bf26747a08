#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "data/parquet_module.h"
#include "data/prepare_row.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

using test::error_of;
using testing::ElementsAre;
using testing::HasSubstr;

class Csv : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(parquet_module())) GTEST_SKIP() << "this build has no Arrow";
  }

  std::vector<std::string> rows(const std::filesystem::path& file) const {
    std::vector<std::string> all;
    const auto source = open_rows(file, {"prompt", "completion", "text"});
    for (auto block = source->next(); !block.empty(); block = source->next()) {
      for (const JsonLine& row : block) all.push_back(std::to_string(row.number) + std::string(row.text));
    }
    return all;
  }
  std::vector<std::string> rows_of(const std::string& text) const {
    return rows(folder_.write("rows.csv", text));
  }
  std::string error(const std::string& text) const {
    return error_of([&] { rows_of(text); });
  }

  test::TempFolder folder_;
};

TEST_F(Csv, ValuesAreTexts) {
  EXPECT_THAT(
      rows_of("\xEF\xBB\xBFid,prompt,completion\n1,007,\"a, \"\"b\"\"\nc\"\n2,NA,true\nx,,\xC3\xA9\n"),
      ElementsAre(R"(1{"prompt":"007","completion":"a, \"b\"\nc"})",
                  R"(2{"prompt":"NA","completion":"true"})", "3{\"completion\":\"\xC3\xA9\"}"));
}

TEST_F(Csv, TabsMaySeparateAndFilesMayBeCompressed) {
  EXPECT_THAT(rows(folder_.write("rows.TSV", "text\tid\r\na,b\t1\r\n")), ElementsAre(R"(1{"text":"a,b"})"));
  const auto file = folder_ / "rows.csv.gz";
  ::gzFile out = ::gzopen(file.c_str(), "wb");
  ::gzputs(out, "text\na\nb\n");
  ::gzclose(out);
  EXPECT_THAT(rows(file), ElementsAre(R"(1{"text":"a"})", R"(2{"text":"b"})"));
}

TEST_F(Csv, ManyRowsAreReadInBlocks) {
  std::string text = "text\n";
  const std::string filler(1000, 'x');
  for (int i = 0; i < 40'000; ++i) text += filler + "\n";
  const auto source = open_rows(folder_.write("rows.csv", text), {"text"});
  const std::size_t first = source->next().size();
  EXPECT_LT(first, 40'000U);
  std::int64_t last = 0;
  for (auto block = source->next(); !block.empty(); block = source->next()) last = block.back().number;
  EXPECT_EQ(last, 40'000);
}

TEST_F(Csv, AllColumnsAreNamedAlsoThoseThatAreNotRead) {
  const auto file = folder_.write("rows.csv", "id,text,images\n1,a,b.png\n");
  EXPECT_THAT(open_rows(file, {"text"})->columns(), ElementsAre("id", "text", "images"));
  EXPECT_THAT(rows(file), ElementsAre(R"(1{"text":"a"})"));
}

TEST_F(Csv, FaultsAreNamed) {
  EXPECT_THAT(
      error("id,answer\n1,2\n"),
      HasSubstr(
          "rows.csv: has none of the columns prompt, completion, text; its first line has: id, answer"));
  EXPECT_THAT(
      error("text,id\na,1\nb\n"),
      HasSubstr("rows.csv: row 2 has 1 values, but the header names 2 columns; quote values that contain"));
  EXPECT_THAT(error("text,text\na,1\n"), HasSubstr("rows.csv: has two columns 'text'"));
  EXPECT_THAT(error("text\nok\n\xFF\n"), HasSubstr("rows.csv: row 2: holds text that is not UTF-8"));
  EXPECT_THAT(error("text\n"), HasSubstr("rows.csv: the file holds no rows below its header"));
  EXPECT_THAT(error(""), HasSubstr("rows.csv: the file holds no rows"));
  EXPECT_THAT(error("PAR1"), HasSubstr("rows.csv: the file is a Parquet file"));
}

}  // namespace
}  // namespace sift
