#include "data/row_plan.h"

#include <gtest/gtest.h>

#include <vector>

namespace sift {
namespace {

TEST(RowPlan, PositionCountsRowsAndEpochs) {
  // 5 micro-batches in an epoch, 3 updates, the last one of a single row
  const RowPlan plan{9, 2, 2, 42, ""};
  EXPECT_EQ(position_after(plan, 2).rows, 8);
  EXPECT_DOUBLE_EQ(position_after(plan, 2).epochs, 0.8);
  EXPECT_EQ(position_after(plan, 4).epoch, 1);
  EXPECT_EQ(position_after(plan, 4).rows, 4);
  EXPECT_EQ(position_after(plan, 3).rows, 0);
}

TEST(RowPlan, EqualPlansMeetTheSameRows) {
  const MetRows met = met_rows({9, 2, 2, 42, ""}, {9, 2, 2, 42, ""}, 5);
  EXPECT_EQ(met.more, 0);
  EXPECT_EQ(met.less, 0);
}

TEST(RowPlan, SmallerStepsMeetRowsAgainAndLargerOnesPassThemOver) {
  const RowPlan four{100, 4, 1, 42, ""}, two{100, 2, 1, 42, ""};
  EXPECT_EQ(met_rows(four, two, 10).more, 20);
  EXPECT_EQ(met_rows(four, two, 10).less, 0);
  EXPECT_EQ(met_rows(two, four, 10).less, 20);
  // 25 updates of four are an epoch; 25 of two are half of one
  EXPECT_EQ(met_rows(four, two, 25).more, 50);
  // an epoch and 80 rows against 90 rows
  EXPECT_EQ(met_rows(four, two, 45).more, 90);
  EXPECT_EQ(met_rows(four, {100, 2, 2, 42, ""}, 10).more, 0) << "the same rows in smaller micro-batches";
}

TEST(RowPlan, AnotherSeedMeetsSomeRowsAgainAndAsManyNotAtAll) {
  const RowPlan plan{1000, 10, 1, 42, ""}, other{1000, 10, 1, 43, ""};
  const MetRows met = met_rows(plan, other, 50);
  EXPECT_EQ(met.more, met.less);
  EXPECT_GT(met.more, 200);
  EXPECT_LT(met.more, 300);
  EXPECT_EQ(met_rows(plan, other, 100).more, 0) << "at the end of an epoch every row was met";
}

TEST(RowPlan, ContentTellsRowsAndTheirOrder) {
  const auto content = [](const std::vector<std::vector<std::int32_t>>& rows) {
    TokenDataset dataset;
    for (const auto& row : rows) dataset.add_row(row, row);
    return content_of(dataset);
  };
  const std::string one = content({{1, 2}, {3, 4, 5}});
  EXPECT_EQ(one, content({{1, 2}, {3, 4, 5}}));
  EXPECT_NE(one, content({{3, 4, 5}, {1, 2}}));
  EXPECT_NE(one, content({{1, 2}, {3, 4, 6}}));
  EXPECT_NE(one, content({{1, 2, 3}, {4, 5}}));
}

}  // namespace
}  // namespace sift
