#include "data/row_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sift {
namespace {

using testing::ElementsAre;

PreparedRow three_tokens() {
  PreparedRow row;
  row.input_ids = row.labels = {5, 6, 7};
  return row;
}

TEST(RowLabels, AMaskLeavesOutTokens) {
  PreparedRow row = three_tokens();
  apply_mask({true, false, true}, row);
  EXPECT_THAT(row.labels, ElementsAre(5, -100, 7));
}

TEST(RowLabels, APromptEndsWhereItsTokensDiffer) {
  PreparedRow row = three_tokens();
  mask_prompt({5, 6}, row);
  EXPECT_THAT(row.labels, ElementsAre(-100, -100, 7));
  EXPECT_TRUE(row.prompt_is_prefix);
  row = three_tokens();
  mask_prompt({5, 9}, row);
  EXPECT_THAT(row.labels, ElementsAre(-100, 6, 7));
  EXPECT_FALSE(row.prompt_is_prefix);
}

TEST(RowLabels, ATokenThatTouchesASpanIsScored) {
  Encoding encoding;
  encoding.offsets = {{0, 2}, {2, 5}, {5, 6}};
  PreparedRow row = three_tokens();
  EXPECT_TRUE(mask_all_but({{4, 5}}, encoding, row));
  EXPECT_THAT(row.labels, ElementsAre(-100, 6, -100));
  EXPECT_FALSE(mask_all_but({{9, 9}}, encoding, row));
}

}  // namespace
}  // namespace sift
