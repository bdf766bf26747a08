#include "data/prefetcher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <vector>

#include <sift/error.h>
#include "support/temp_folder.h"

namespace sift {
namespace {

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

}  // namespace
}  // namespace sift
