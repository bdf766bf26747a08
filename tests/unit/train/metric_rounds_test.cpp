#include "train/metric_rounds.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "support/process_parallel.h"

namespace sift {
namespace {

MetricValue value_of(std::size_t index, double value, double weight) {
  return {index, at::scalar_tensor(value, at::kFloat), weight};
}

TEST(MetricRounds, OfOneProcessAreItsOwn) {
  SingleProcess one;
  MetricRounds rounds({"a", "b"});
  rounds.add({value_of(0, 1, 2), value_of(1, 5, 0)});
  rounds.add({value_of(1, 7, 1)});
  const auto joined = rounds.joined(one, 2);
  ASSERT_EQ(joined.size(), 3U);
  EXPECT_EQ(joined[1].first, "b");
  EXPECT_EQ(joined[1].second.item<double>(), 5);
  EXPECT_EQ(joined[2].second.item<double>(), 7);
}

TEST(MetricRounds, OfSeveralProcessesAreMeansByWeight) {
  test::run_processes(2, [](Parallel& parallel) {
    MetricRounds rounds({"a", "b"});
    rounds.add({value_of(0, parallel.rank() == 0 ? 1.0 : 4.0, parallel.rank() == 0 ? 2 : 1)});
    if (parallel.rank() == 0) rounds.add({value_of(1, 9, 3)});  // rank 1 has no second micro-batch
    const auto joined = rounds.joined(parallel, 2);
    ASSERT_EQ(joined.size(), 2U);
    EXPECT_EQ(joined[0].first, "a");
    EXPECT_EQ(joined[0].second.item<double>(), 2);
    EXPECT_EQ(joined[1].first, "b");
    EXPECT_EQ(joined[1].second.item<double>(), 9);
  });
}

// 1/3 and 2/7 are no float32, their sum over ten tokens is exactly 3.
TEST(MetricRounds, RatiosOfCountsAreExact) {
  test::run_processes(2, [](Parallel& parallel) {
    const auto ratio = parallel.rank() == 0 ? std::pair(1.0, 3.0) : std::pair(2.0, 7.0);
    MetricRounds rounds({"accuracy"});
    rounds.add({value_of(0, ratio.first / ratio.second, ratio.second)});
    EXPECT_EQ(rounds.joined(parallel, 1)[0].second.item<float>(), 0.3F);
  });
}

TEST(MetricRounds, AValueWithoutWeightSpoilsNothing) {
  test::run_processes(2, [](Parallel& parallel) {
    const bool is_empty = parallel.rank() == 1;
    MetricRounds rounds({"a", "b"});
    rounds.add({value_of(0, is_empty ? std::numeric_limits<double>::quiet_NaN() : 4, is_empty ? 0 : 2),
                value_of(1, is_empty ? 0 : 1, 0)});
    const auto joined = rounds.joined(parallel, 1);
    EXPECT_EQ(joined[0].second.item<double>(), 4);
    EXPECT_EQ(joined[1].second.item<double>(), 0.5);  // nobody has a weight: the plain mean
  });
}

TEST(MetricRounds, ADroppedMicroBatchDoesNotCount) {
  test::run_processes(2, [](Parallel& parallel) {
    MetricRounds rounds({"a"});
    rounds.add({value_of(0, static_cast<double>(parallel.rank()) + 1, 1)});
    if (parallel.rank() == 1) rounds.drop_last();
    EXPECT_EQ(rounds.joined(parallel, 1)[0].second.item<double>(), 1);
  });
}

}  // namespace
}  // namespace sift
