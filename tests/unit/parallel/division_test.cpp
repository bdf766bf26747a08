#include "parallel/division.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cstdint>

namespace sift {
namespace {

TEST(Division, GivesEachProcessWholeVectors) {
  const Division division{1000, 3};
  EXPECT_EQ(division.chunk(), 384);
  EXPECT_EQ(division.begin(1), 384);
  EXPECT_EQ(division.length(0), 384);
  EXPECT_EQ(division.length(1), 384);
  EXPECT_EQ(division.length(2), 232);
}

TEST(Division, OfASmallTensorLeavesSomeWithNothing) {
  const Division division{70, 4};
  EXPECT_EQ(division.length(0), 64);
  EXPECT_EQ(division.length(1), 6);
  EXPECT_EQ(division.length(2), 0);
  EXPECT_EQ(division.begin(3), 70);
  EXPECT_EQ((Division{0, 4}.chunk()), 0);
}

TEST(Division, SlicesAreTheTensorItself) {
  const at::Tensor weight = at::arange(1000, at::kFloat).view({10, 100}).requires_grad_();
  const at::Tensor slice = slice_of(weight, 3, 2);
  EXPECT_EQ(slice.sizes(), at::IntArrayRef({232}));
  EXPECT_FALSE(slice.requires_grad());
  slice.fill_(-1);
  EXPECT_EQ(weight.detach().view({-1})[768].item<float>(), -1.0F);
  EXPECT_EQ(weight.detach().view({-1})[767].item<float>(), 767.0F);
}

TEST(Division, RowsHoldTheTensorOfEachLength) {
  for (const std::int64_t numel : {0, 1, 64, 70, 191, 192, 1000}) {
    const std::int64_t size = 3, chunk = Division{numel, size}.chunk();
    const at::Tensor values = at::arange(numel, at::kFloat);
    const at::Tensor bucket = at::full({size, chunk + 2}, -1.0), rows = bucket.narrow(1, 1, chunk);
    copy_to_rows(values, rows);
    for (std::int64_t rank = 0; rank < size; ++rank) {
      const std::int64_t length = Division{numel, size}.length(rank);
      EXPECT_TRUE(at::equal(rows[rank].narrow(0, 0, length), slice_of(values, size, rank))) << numel;
    }
    EXPECT_TRUE(at::equal(bucket.select(1, 0), at::full({size}, -1.0)));
    const at::Tensor back = at::zeros({numel});
    copy_from_rows(rows, back);
    EXPECT_TRUE(at::equal(back, values)) << numel;
  }
}

}  // namespace
}  // namespace sift
