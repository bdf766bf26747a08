#include "data/growing_numbers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <numeric>
#include <vector>

#include "data/collate.h"
#include "data/dataset.h"
#include "data/pack_dataset.h"
#include "data/sampler.h"
#include "support/same_dataset.h"
#include "support/small_run.h"

namespace sift {
namespace {

using test::TempFolder;
using Numbers = GrowingNumbers<std::int32_t>;

/// 0, 1, 2, ... in pieces of different sizes.
std::vector<std::int32_t> fill(Numbers& numbers, std::size_t count) {
  std::vector<std::int32_t> expected(count);
  std::iota(expected.begin(), expected.end(), 0);
  for (std::size_t begin = 0, piece = 1; begin < count; begin += piece, piece = piece % 5000 + 997) {
    numbers.append(std::span(expected).subspan(begin, std::min(piece, count - begin)));
    numbers.back() = expected[numbers.size() - 1];
  }
  return expected;
}

void expect_holds(const Numbers& numbers, const std::vector<std::int32_t>& expected) {
  ASSERT_EQ(numbers.size(), expected.size());
  EXPECT_TRUE(std::ranges::equal(numbers.view(), expected));
}

TEST(GrowingNumbers, WithoutAFolderTheyStayInMemory) {
  Numbers numbers(Spill{{}, 1000});
  EXPECT_TRUE(numbers.view().empty());
  const auto expected = fill(numbers, 300'000);
  EXPECT_FALSE(numbers.in_file());
  expect_holds(numbers, expected);
}

TEST(GrowingNumbers, ManyMoveIntoAFileWithoutAName) {
  const TempFolder folder;
  Numbers numbers(Spill{folder / "cache", 1 << 18});
  numbers.push_back(0);
  EXPECT_FALSE(numbers.in_file());
  Numbers again(Spill{folder / "cache", 1 << 18});
  // more than 32 MiB: pages of the file are given back meanwhile
  const auto expected = fill(again, 11'000'000);
  EXPECT_TRUE(again.in_file());
  expect_holds(again, expected);
  EXPECT_TRUE(std::filesystem::is_empty(folder / "cache"));

  numbers = std::move(again);
  expect_holds(numbers, expected);
}

TEST(GrowingNumbers, AFolderThatCannotBeWrittenCostsMemoryAndAWarning) {
  const TempFolder folder;
  Numbers numbers(Spill{folder.write("file", ""), 1000});
  testing::internal::CaptureStderr();
  const auto expected = fill(numbers, 100'000);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::AllOf(testing::HasSubstr("uses memory instead of a file"),
                             testing::HasSubstr((folder / "file").string())));
  EXPECT_FALSE(numbers.in_file());
  expect_holds(numbers, expected);
}

TEST(SpilledDataset, IsTheSameInFilesAndInMemory) {
  const TempFolder folder;
  const Spill spill{folder / "cache", 1000};
  TokenDataset in_memory, in_file(spill);
  for (std::int32_t row = 0; row < 40'000; ++row) {  // more than are planned at a time
    std::vector<std::int32_t> ids(static_cast<std::size_t>(row % 23) + 1, row);
    for (TokenDataset* dataset : {&in_memory, &in_file}) dataset->add_row(ids, ids);
  }
  EXPECT_TRUE(in_file.in_file());
  const PackingOptions options{.max_length = 64, .shuffle_seed = 3};
  const TokenDataset packed = pack(in_memory, options);
  const TokenDataset packed_in_file = pack(in_file, options, spill);
  EXPECT_TRUE(packed_in_file.in_file());
  test::expect_same(packed_in_file, packed);
}

/// Bytes of mapped files that this process has in memory.
std::int64_t resident_of_files() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t size = 0, resident = 0, shared = 0;
  statm >> size >> resident >> shared;
  return shared * ::sysconf(_SC_PAGESIZE);
}

TEST(SpilledDataset, WhatIsReadDoesNotStayInMemory) {
  constexpr std::int64_t kMiB = 1 << 20, kRows = 50'000;
  const TempFolder folder;
  const Spill spill{folder / "cache", 1000};
  TokenDataset data(spill);
  for (std::int32_t row = 0; row < kRows; ++row) {
    const std::vector<std::int32_t> ids(64, row);
    data.add_row(ids, ids);
  }
  // the first batch has code of LibTorch loaded, which is a file too
  collate(data, std::vector<std::int64_t>{0}, at::kCPU);
  for (std::int64_t row = 0; row < kRows; ++row) EXPECT_EQ(data.labels(row)[63], row);
  const std::int64_t whole = resident_of_files();
  data.give_back_pages();
  const std::int64_t before = resident_of_files();
  EXPECT_GT(whole - before, 10 * kMiB);

  const auto order = shuffled_order(kRows, 1);
  const TokenDataset turned = reordered(data, order, spill);
  turned.give_back_pages();
  EXPECT_LT(resident_of_files(), before + 2 * kMiB);
  for (std::size_t row = 0; row < order.size(); row += 8)
    EXPECT_EQ(collate(turned, order.view().subspan(row, 8), at::kCPU).num_tokens(), 512);
  EXPECT_LT(resident_of_files(), before + 2 * kMiB);
  EXPECT_EQ(turned.input_ids(7)[0], order.view()[7]);
}

}  // namespace
}  // namespace sift
