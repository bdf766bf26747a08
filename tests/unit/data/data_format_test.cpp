#include "data/data_format.h"

#include <gtest/gtest.h>

namespace sift {
namespace {

TEST(DataFormat, IsDeterminedByTheExtension) {
  EXPECT_EQ(data_format("folder.json/rows.jsonl"), DataFormat::kJsonLines);
  EXPECT_EQ(data_format("rows.txt"), DataFormat::kJsonLines);
  EXPECT_EQ(data_format("rows.json"), DataFormat::kJson);
  EXPECT_EQ(data_format("rows.v1.parquet"), DataFormat::kParquet);
}

}  // namespace
}  // namespace sift
