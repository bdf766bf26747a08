#include "device/caching_allocator.h"

#include <ATen/Functions.h>
#include <c10/core/CPUAllocator.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <thread>
#include <vector>

namespace sift {
namespace {

constexpr std::int64_t kFloats = 3 << 20;  // 12 MiB

at::Tensor bytes(std::int64_t count) {
  return at::empty({count}, at::kByte);
}

class CachingAllocator : public testing::Test {
 protected:
  void SetUp() override { use_caching_allocator(); }
  // other suites count bytes by what LibTorch's own allocator reports
  void TearDown() override { c10::SetCPUAllocator(c10::GetDefaultCPUAllocator()); }
};

TEST_F(CachingAllocator, ABlockServesTheNextTensorOfAboutItsSize) {
  at::Tensor first = at::empty({kFloats});
  const void* const place = first.data_ptr();
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(place) % 64, 0U);
  first = at::Tensor();
  const at::Tensor second = at::empty({kFloats + 1000});
  EXPECT_EQ(second.data_ptr(), place);
}

TEST_F(CachingAllocator, HoldsNoMoreThanWasNeededAtOnce) {
  // sizes that share no class, one after the other: each must push an earlier one out
  for (std::int64_t size = 4 << 20; size < 64 << 20; size += 3 << 20) {
    bytes(size).zero_();
    const AllocatorStats stats = caching_allocator_stats();
    EXPECT_LE(stats.live + stats.cached, stats.peak);
  }
}

TEST_F(CachingAllocator, CountsWhatIsLive) {
  const std::size_t before = caching_allocator_stats().live;
  {
    const at::Tensor tensor = bytes(16 << 20);
    EXPECT_GE(caching_allocator_stats().live, before + (16 << 20));
    EXPECT_LE(caching_allocator_stats().live, before + (17 << 20));
  }
  EXPECT_EQ(caching_allocator_stats().live, before);
}

TEST_F(CachingAllocator, SmallAndEmptyTensorsAreMallocs) {
  const std::size_t before = caching_allocator_stats().live;
  for (const std::int64_t size : {0, 1, 63, 64, 1000, (1 << 18) - 128, (1 << 18) - 127, 1 << 18}) {
    const at::Tensor tensor = bytes(size).fill_(7);
    EXPECT_EQ(tensor.sum().item<std::int64_t>(), 7 * size);
    EXPECT_EQ(caching_allocator_stats().live > before, size > (1 << 18) - 128) << size;
  }
}

TEST_F(CachingAllocator, ThreadsShareIt) {
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([thread, &mistakes = wrong.at(static_cast<std::size_t>(thread))] {
      for (int i = 0; i < 50; ++i) {
        const at::Tensor tensor = bytes((2 << 20) + i * 4096).fill_(thread);
        if (tensor.max().item<int>() != thread || tensor.min().item<int>() != thread) ++mistakes;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace sift
