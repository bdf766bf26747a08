#include "parallel/process_group.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/process_threads.h"

namespace sift {
namespace {

TEST(ProcessGroup, ReduceScatterGivesEachItsPartOfTheSum) {
  test::run_group(3, [](ProcessGroup& group) {
    const at::Tensor input = at::arange(6, at::kFloat) + static_cast<double>(group.rank()) * 10;
    const at::Tensor part = at::empty({2});
    group.reduce_scatter(part, input.contiguous()).wait();
    // 3 x + 0 + 10 + 20
    const at::Tensor expected = at::arange(6, at::kFloat) * 3 + 30;
    EXPECT_TRUE(at::equal(part, expected.narrow(0, group.rank() * 2, 2)));
  });
}

// 1e8 + 1 is 1e8 in float32, so each order of three numbers has its own sum.
TEST(ProcessGroup, AddsInTheOrderOfTheRanksWhereverAnElementIs) {
  const std::vector<float> values = {1e8F, 1.0F, -1e8F};
  const float in_order = (values[0] + values[1]) + values[2];
  test::run_group(3, [&](ProcessGroup& group) {
    const at::Tensor part = at::empty({40});
    group.reduce_scatter(part, at::full({120}, values[static_cast<std::size_t>(group.rank())])).wait();
    EXPECT_TRUE(at::equal(part, at::full({40}, in_order)));
  });
}

TEST(ProcessGroup, GathersInTheOrderOfTheRanks) {
  test::run_group(3, [](ProcessGroup& group) {
    const at::Tensor own = at::full({2}, group.rank(), at::kLong);
    EXPECT_TRUE(at::equal(group.gathered(own), at::tensor({0, 0, 1, 1, 2, 2}, at::kLong).view({3, 2})));
    const std::string text(static_cast<std::size_t>(group.rank()), 'x');
    EXPECT_EQ(group.gathered(text), (std::vector<std::string>{"", "x", "xx"}));
    EXPECT_EQ(group.gathered(std::string()), (std::vector<std::string>{"", "", ""}));
  });
}

TEST(ProcessGroup, GathersForOneProcess) {
  test::run_group(3, [](ProcessGroup& group) {
    const bool is_root = group.rank() == 1;
    const at::Tensor all = at::zeros({is_root ? 6 : 0}, at::kLong);
    group.gather(all, at::full({2}, group.rank(), at::kLong), 1).wait();
    EXPECT_TRUE(!is_root || at::equal(all, at::tensor({0, 0, 1, 1, 2, 2}, at::kLong)));
  });
}

TEST(ProcessGroup, BroadcastsTheRoot) {
  test::run_group(2, [](ProcessGroup& group) {
    at::Tensor values = at::full({3}, group.rank(), at::kFloat);
    group.broadcast(values, 1).wait();
    EXPECT_TRUE(at::equal(values, at::ones({3})));
    EXPECT_EQ(group.broadcast(group.rank() == 0 ? "zero" : "one", 0), "zero");
    EXPECT_EQ(group.broadcast(std::string(), 0), "");
  });
}

TEST(ProcessGroup, AnEndedProcessIsAnErrorOfTheOthers) {
  EXPECT_THROW(test::run_group(2,
                               [](ProcessGroup& group) {
                                 if (group.rank() == 1) throw std::runtime_error("gone");
                                 try {
                                   group.barrier();
                                 } catch (const PeerLost&) {
                                   return;  // and the barrier of run_group() fails as well
                                 }
                                 ADD_FAILURE() << "the barrier passed without the other process";
                               }),
               PeerLost);
}

}  // namespace
}  // namespace sift
