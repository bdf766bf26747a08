#include <gmock/gmock.h>

#include "memory_test_support.h"
#include "support/live_memory.h"
#include "support/temp_folder.h"
#include "support/unnamed_files.h"

namespace sift {
namespace {

using test::OptionValues;
using testing::HasSubstr;

class ActivationOffloadTest : public testing::Test {
 protected:
  void SetUp() override { host_.load_file(test::real_plugin("sift_memory_activation_offload")); }

  std::unique_ptr<MemoryStrategy> disk(std::int64_t min_bytes = 1) {
    return create(
        {{"target", std::string("disk")}, {"folder", folder_.path().string()}, {"min_bytes", min_bytes}});
  }
  std::unique_ptr<MemoryStrategy> create(const OptionValues& options) {
    return test::create<MemoryStrategy, MemoryFactory>(host_, Kind::kMemory, "activation_offload", options);
  }
  std::int64_t file_bytes() const {
    return test::open_files(std::filesystem::canonical(folder_.path())).unnamed_bytes;
  }

  PluginHost host_;
  test::TempFolder folder_;
};

TEST_F(ActivationOffloadTest, AStorageIsMovedOnceAndAWeightNever) {
  const auto offload = disk();
  const at::Tensor weight = at::randn({32, 32}).requires_grad_();
  const at::Tensor frozen = at::randn({32, 32});
  const at::Tensor x = at::randn({64, 32}).requires_grad_();
  const std::vector<at::Tensor> weights{weight, frozen};
  {
    const auto scope = offload->step_scope({weights});
    const at::Tensor y = x * 2;  // 8 KiB
    const at::Tensor loss =
        (at::mm(y, weight.t()) + at::mm(y, frozen) + y.narrow(0, 0, 64).view({64, 32}).exp() * 0 + y.square())
            .sum();
    // y, and the result of exp
    EXPECT_EQ(file_bytes(), 2 * 8192);
    torch::autograd::backward({loss}, {});
  }
  EXPECT_EQ(file_bytes(), 0);
  const at::Tensor with = x.grad().clone();
  x.mutable_grad().reset();
  const at::Tensor y = x * 2;
  torch::autograd::backward({(at::mm(y, weight.t()) + at::mm(y, frozen) + y.exp() * 0 + y.square()).sum()},
                            {});
  EXPECT_TRUE(at::equal(with, x.grad()));
}

TEST_F(ActivationOffloadTest, SmallTensorsStay) {
  const auto offload = disk(8193);
  const std::vector<at::Tensor> weights;
  const auto scope = offload->step_scope({weights});
  const at::Tensor small = (at::randn({64, 32}).requires_grad_() * 2).exp();
  EXPECT_EQ(file_bytes(), 0);
  const at::Tensor large = (at::randn({65, 32}).requires_grad_() * 2).exp();
  EXPECT_EQ(file_bytes(), 12288);  // whole pages
}

TEST_F(ActivationOffloadTest, WhatWasMovedIsNotInMemory) {
  const auto offload = disk();
  const std::vector<at::Tensor> weights;
  const test::LiveMemory memory;
  const auto scope = offload->step_scope({weights});
  at::Tensor y = at::ones({1 << 16}).requires_grad_() * 1;
  for (int i = 0; i < 20; ++i) y = y.sin();
  EXPECT_LE(memory.bytes(), 3 * (1 << 18));
  EXPECT_GE(file_bytes(), 20 * (1 << 18));
}

TEST_F(ActivationOffloadTest, AStorageThatChangesBetweenTwoSavesIsMovedAgain) {
  const auto offload = disk();
  const std::vector<at::Tensor> weights;
  const auto scope = offload->step_scope({weights});
  const at::Tensor x = at::ones({8}).requires_grad_();
  const at::Tensor factor = at::full({8}, 3.0);
  const at::Tensor first = x * factor;
  factor.fill_(5.0);
  const at::Tensor second = x * factor;
  torch::autograd::backward({(first + second).sum()}, {});
  EXPECT_TRUE(at::equal(x.grad(), at::full({8}, 8.0)));
}

TEST_F(ActivationOffloadTest, GraphsThatEndInAnyOrderGiveTheirSpaceBack) {
  const auto offload = disk();
  const std::vector<at::Tensor> weights;
  const auto scope = offload->step_scope({weights});
  std::vector<at::Tensor> graphs;
  const auto grow = [&](std::int64_t size) {
    graphs.push_back((at::randn({size}).requires_grad_() * 2).exp());
  };
  for (std::int64_t i = 1; i <= 20; ++i) grow(i * 1024);
  const std::int64_t full = file_bytes();
  for (std::size_t i = 0; i < graphs.size(); i += 2) graphs[i] = at::Tensor();
  for (std::int64_t i = 1; i <= 9; i += 2) grow(i * 1024);  // into the gaps
  EXPECT_LE(file_bytes(), full);
  for (std::size_t i = graphs.size(); i > 0; --i) {
    if (!graphs[i - 1].defined()) continue;
    torch::autograd::backward({graphs[i - 1].sum()}, {});
  }
  graphs.clear();
  EXPECT_EQ(file_bytes(), 0);
}

TEST_F(ActivationOffloadTest, AScopeThatHasEndedSavesNothingMore) {
  const auto offload = disk();
  const std::vector<at::Tensor> weights;
  offload->step_scope({weights}).reset();
  const at::Tensor y = at::randn({4096}).requires_grad_().exp();
  EXPECT_EQ(file_bytes(), 0);
}

TEST_F(ActivationOffloadTest, SaysWhatIsWrongWithFolderAndTarget) {
  EXPECT_THAT(
      test::error_of([&] {
        create({{"target", std::string("disk")}, {"folder", (folder_ / "none").string()}});
      }),
      HasSubstr("cannot create a file in folder = \"" + (folder_ / "none").string() + "\": No such file"));
  const auto host = create({{"target", std::string("host")}});
  const std::vector<at::Tensor> weights{at::ones({1})};
  EXPECT_THAT(test::error_of([&] { host->step_scope({weights}); }), HasSubstr("use target = \"disk\""));
}

}  // namespace
}  // namespace sift
