#include "data/prefetcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <vector>

#include <sift/error.h>
#include "data/update_batches.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

using testing::ElementsAre;

TEST(Prefetcher, GivesEveryValueInOrder) {
  Prefetcher<std::unique_ptr<std::int64_t>> values(
      3, 1000, [](std::int64_t index) { return std::make_unique<std::int64_t>(index); });
  for (std::int64_t index = 3; index < 1000; ++index) EXPECT_EQ(*values.next(), index);
}

TEST(Prefetcher, MakesTheNextValueWhileOneIsInUse) {
  std::promise<std::thread::id> begun;
  Prefetcher<std::int64_t> values(0, 5, [&begun](std::int64_t index) {
    if (index == 1) begun.set_value(std::this_thread::get_id());
    return index;
  });
  EXPECT_EQ(values.next(), 0);
  EXPECT_NE(begun.get_future().get(), std::this_thread::get_id());
}

TEST(Prefetcher, IsNeverTwoAhead) {
  std::atomic<std::int64_t> begun = 0;
  Prefetcher<std::int64_t> values(0, 500, [&begun](std::int64_t index) {
    ++begun;
    return index;
  });
  for (std::int64_t taken = 1; taken <= 500; ++taken) {
    values.next();
    std::this_thread::yield();
    EXPECT_LE(begun.load(), taken + 1);
  }
}

TEST(Prefetcher, ThrowsWhatMakingThrewWhereTheValueIsDue) {
  Prefetcher<std::int64_t> values(0, 5, [](std::int64_t index) {
    if (index == 2) throw Error("rows.jsonl:7: gone");
    return index;
  });
  EXPECT_EQ(values.next(), 0);
  EXPECT_EQ(values.next(), 1);
  EXPECT_EQ(test::error_of([&values] { values.next(); }), "rows.jsonl:7: gone");
}

TEST(Prefetcher, MayBeLeftAtAnyValue) {
  for (std::int64_t taken = 0; taken < 20; ++taken) {
    Prefetcher<std::int64_t> values(0, 10, [](std::int64_t index) {
      if (index == 9) throw Error("not asked for");
      return index;
    });
    for (std::int64_t index = 0; index < std::min<std::int64_t>(taken, 9); ++index) values.next();
  }
  Prefetcher<std::int64_t> none(4, 4, [](std::int64_t index) { return index; });
}

TEST(UpdateBatches, AreTheMicroBatchesOfOneUpdate) {
  constexpr std::int32_t kUnscored = -100;
  TokenDataset data;
  for (std::int32_t row = 0; row < 7; ++row) {
    const std::vector<std::int32_t> ids(static_cast<std::size_t>(row) + 2, row);
    data.add_row(ids, row == 6 ? std::vector<std::int32_t>(ids.size(), kUnscored) : ids);
  }
  const std::vector<std::int64_t> order{6, 5, 4, 3, 2, 1, 0};
  const UpdatePlan plan{.batch_size = 2, .accumulation = 3, .batches_per_epoch = 4};

  const UpdateBatches first = update_batches(data, order, plan, 0, at::kCPU);
  ASSERT_EQ(first.micro_batches.size(), 3);
  EXPECT_THAT(first.micro_batches[0].row_ids, ElementsAre(6, 5));
  EXPECT_THAT(first.micro_batches[2].row_ids, ElementsAre(2, 1));
  EXPECT_EQ(first.num_scored, 0 + 6 + 5 + 4 + 3 + 2);
  EXPECT_EQ(first.end_of_batches, 3);

  const UpdateBatches last = update_batches(data, order, plan, 1, at::kCPU);
  ASSERT_EQ(last.micro_batches.size(), 1);
  EXPECT_THAT(last.micro_batches[0].row_ids, ElementsAre(0));
  EXPECT_EQ(last.num_scored, 1);
  EXPECT_EQ(last.end_of_batches, 4);
}

}  // namespace
}  // namespace sift
