#include "data/pack_dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/row_order.h"

namespace sift {
namespace {

TokenDataset two_rows() {
  TokenDataset data;
  data.add_row(std::vector<std::int32_t>{1, 2, 3}, std::vector<std::int32_t>{-100, 2, 3}, {0, 7});
  data.add_row(std::vector<std::int32_t>{4, 5}, std::vector<std::int32_t>{4, 5}, {1, 2});
  return data;
}

TEST(PackDataset, RowsKeepTheirDocuments) {
  const TokenDataset data = two_rows();
  const TokenDataset apart = pack(data, {4, PackingStrategy::kWrapped, false});
  ASSERT_EQ(apart.num_rows(), 2);
  const auto documents = apart.documents(0);
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(std::vector(documents[0].labels.begin(), documents[0].labels.end()),
            (std::vector<std::int32_t>{-100, 2, 3}));
  EXPECT_EQ(std::vector(documents[1].input_ids.begin(), documents[1].input_ids.end()),
            (std::vector<std::int32_t>{4}));
  const TokenDataset crossing = pack(data, {4, PackingStrategy::kWrapped, true});
  EXPECT_EQ(crossing.documents(0).size(), 1U);
  EXPECT_EQ(crossing.input_ids(0).size(), 4U);
  EXPECT_EQ(crossing.num_tokens(), 5);
}

TEST(PackDataset, RowsSayWhereTheirTokensCameFrom) {
  const TokenDataset data = two_rows();
  for (const bool cross_documents : {false, true}) {
    const TokenDataset packed = pack(data, {4, PackingStrategy::kWrapped, cross_documents});
    EXPECT_THAT(packed.excerpts(0), testing::ElementsAre(Excerpt{3, {0, 7}}, Excerpt{4, {1, 2}}));
    EXPECT_THAT(packed.excerpts(1), testing::ElementsAre(Excerpt{5, {1, 2}}));
    const TokenDataset turned = reordered(packed, test::row_order({1, 0}));
    EXPECT_THAT(turned.excerpts(1), testing::ElementsAre(Excerpt{4, {0, 7}}, Excerpt{5, {1, 2}}));
  }
}

// Some thousand rows are planned at a time, which must not show.
TEST(PackDataset, ALargeOneIsPackedAsAWhole) {
  TokenDataset data;
  std::vector<std::int64_t> lengths;
  for (std::int32_t row = 0; row < 70'500; ++row) {
    lengths.push_back(row * 7 % 9);
    const std::vector<std::int32_t> ids(static_cast<std::size_t>(lengths.back()), row);
    data.add_row(ids, ids);
  }
  for (const auto strategy : {PackingStrategy::kBfd, PackingStrategy::kBfdSplit, PackingStrategy::kWrapped}) {
    const TokenDataset found = pack(data, {8, strategy});
    const PackedRows expected = pack_rows(lengths, 8, strategy);
    ASSERT_EQ(found.num_rows(), static_cast<std::int64_t>(expected.num_rows()));
    EXPECT_EQ(num_packed_rows(data, {8, strategy}), found.num_rows());
    for (std::int64_t row = 0; row < found.num_rows(); ++row) {
      const auto documents = found.documents(row);
      const auto pieces = expected.row(static_cast<std::size_t>(row));
      ASSERT_EQ(documents.size(), pieces.size()) << row;
      for (std::size_t i = 0; i < pieces.size(); ++i) {
        ASSERT_EQ(documents[i].input_ids.front(), pieces[i].row) << row;
        ASSERT_EQ(documents[i].input_ids.size(), static_cast<std::size_t>(pieces[i].length)) << row;
      }
    }
  }
}

}  // namespace
}  // namespace sift
