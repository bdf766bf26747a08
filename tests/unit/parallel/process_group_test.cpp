#include "parallel/process_group.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
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

TEST(ProcessGroup, CountsWhatItSends) {
  test::run_group(3, [](ProcessGroup& group) {
    const at::Tensor six = at::zeros({6}), two = at::zeros({2});
    group.reduce_scatter(two, six).wait();
    EXPECT_EQ(group.traffic(), (Traffic{.operations = 1, .messages = 2, .rounds = 1, .bytes = 16}));
    Traffic since = group.traffic();
    group.all_gather(six, two).wait();
    EXPECT_EQ(group.traffic().since(since),
              (Traffic{.operations = 1, .messages = 2, .rounds = 2, .bytes = 16}));
    since = group.traffic();
    group.gather(six, two, 1).wait();
    const std::int64_t sends = group.rank() == 1 ? 0 : 1;
    EXPECT_EQ(group.traffic().since(since),
              (Traffic{.operations = 1, .messages = sends, .rounds = 1, .bytes = 8 * sends}));
  });
}

// Everyone but the root gets the values once.
TEST(ProcessGroup, CountsTheMessagesOfABroadcast) {
  for (const std::int64_t size : {2, 3, 8, 13}) {
    std::int64_t messages = 0, most = 0;
    for (std::int64_t rank = 0; rank < size; ++rank) {
      const auto group = ProcessGroup::on_paper(rank, size);
      group->broadcast(at::zeros({5}), 1).wait();
      messages += group->traffic().messages;
      most = std::max(most, group->traffic().messages);
      EXPECT_EQ(group->traffic().bytes, 20 * group->traffic().messages);
    }
    EXPECT_EQ(messages, size - 1);
    EXPECT_LE(most, 4);
  }
}

TEST(ProcessGroup, OnPaperReceivesWhatItSends) {
  const auto group = ProcessGroup::on_paper(2, 4);
  EXPECT_EQ(group->rank(), 2);
  EXPECT_TRUE(at::equal(group->gathered(at::ones({1})), at::ones({4, 1})));
  const at::Tensor part = at::empty({2});
  group->reduce_scatter(part, at::ones({8})).wait();
  EXPECT_TRUE(at::equal(part, at::full({2}, 4.0)));
  EXPECT_EQ(group->gathered(std::string("text")), std::vector<std::string>(4, "text"));
  const auto meta = at::TensorOptions().device(at::kMeta);
  const at::Tensor paper_part = at::empty({2}, meta), paper_all = at::empty({8}, meta);
  group->reduce_scatter(paper_part, paper_all).wait();
  group->all_gather(paper_all, paper_part).wait();
  EXPECT_EQ(ProcessGroup::device_for(paper_part).type(), at::kMeta);
  EXPECT_EQ(ProcessGroup::device_for(part).type(), at::kCPU);
}

}  // namespace
}  // namespace sift
