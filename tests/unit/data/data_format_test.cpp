#include "data/data_format.h"

#include <gtest/gtest.h>

namespace sift {
namespace {

TEST(DataFormat, FollowsTheExtension) {
  EXPECT_EQ(data_format("folder.csv/rows.jsonl"), DataFormat::kJson);
  EXPECT_EQ(data_format("rows.txt"), DataFormat::kJson);
  EXPECT_EQ(data_format("rows"), DataFormat::kJson);
  EXPECT_EQ(data_format("rows.json"), DataFormat::kJson);
  EXPECT_EQ(data_format("rows.v1.parquet"), DataFormat::kParquet);
  EXPECT_EQ(data_format("rows.csv"), DataFormat::kCsv);
  EXPECT_EQ(data_format("rows.tsv"), DataFormat::kTsv);
}

TEST(DataFormat, CaseAndCompressionDoNotMatter) {
  EXPECT_EQ(data_format("ROWS.CSV"), DataFormat::kCsv);
  EXPECT_EQ(data_format("rows.Parquet"), DataFormat::kParquet);
  EXPECT_EQ(data_format("rows.csv.gz"), DataFormat::kCsv);
  EXPECT_EQ(data_format("rows.tsv.XZ"), DataFormat::kTsv);
  EXPECT_EQ(data_format("rows.json.zst"), DataFormat::kJson);
  EXPECT_EQ(data_format("csv.gz"), DataFormat::kJson);
}

}  // namespace
}  // namespace sift
