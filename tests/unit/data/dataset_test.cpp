#include "data/dataset.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "support/row_order.h"
#include "support/same_dataset.h"
#include "support/temp_folder.h"

// Rows of every shape in another order: packed apart or across, of no tokens, of no documents.

namespace sift {
namespace {

using Ids = std::vector<std::int32_t>;
/// Documents, each of excerpts, each of a first token and a length.
using Row = std::vector<std::vector<std::pair<std::int32_t, std::int32_t>>>;

const std::vector<Row> kDatasetRows = {{{{100, 3}}},
                                       {{{200, 1}}, {{210, 4}, {220, 2}}},
                                       {{{300, 0}}},
                                       {},
                                       {{{400, 2}, {410, 0}, {420, 5}}, {{430, 1}}}};

void add(const Row& row, TokenDataset& data) {
  data.start_row();
  for (const auto& document : row) {
    data.start_document();
    for (const auto& [first, length] : document) {
      Ids ids, labels;
      for (std::int32_t i = 0; i < length; ++i) {
        ids.push_back(first + i);
        labels.push_back(-first - i);
      }
      data.add_tokens(ids, labels, {1, static_cast<std::uint32_t>(first)});
    }
  }
}

TokenDataset dataset_of(std::initializer_list<std::int64_t> rows, const Spill& spill) {
  TokenDataset data(spill);
  for (const std::int64_t row : rows) add(kDatasetRows[static_cast<std::size_t>(row)], data);
  return data;
}

TEST(TokenDataset, RowsOfAnyShapeMoveWhole) {
  const test::TempFolder folder;
  const TokenDataset turned = dataset_of({3, 1, 0, 4, 2}, {});
  // in memory, in files, and in somebody else's memory
  const TokenDataset in_memory = dataset_of({0, 1, 2, 3, 4}, {});
  const TokenDataset in_file = dataset_of({0, 1, 2, 3, 4}, Spill{folder / "cache", 1});
  EXPECT_TRUE(in_file.in_file());
  const TokenDataset foreign(in_memory.buffers(), nullptr);
  for (const TokenDataset* data : {&in_memory, &in_file, &foreign}) {
    test::expect_same(reordered(*data, test::row_order({3, 1, 0, 4, 2})), turned);
    test::expect_same(reordered(*data, test::row_order({0, 1, 2, 3, 4})), in_memory);
  }
  EXPECT_EQ(reordered(TokenDataset(), test::row_order({})).num_rows(), 0);
}

}  // namespace
}  // namespace sift
