#include "plan/meta_memory.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

namespace sift {
namespace {

at::Tensor on_paper(std::int64_t numel, at::ScalarType dtype = at::kFloat) {
  return at::empty({numel}, at::TensorOptions().dtype(dtype).device(at::kMeta));
}

TEST(MetaMemory, CountsTheTensorsThatAreThere) {
  const at::Tensor before = on_paper(100);
  MetaMemory memory;
  EXPECT_EQ(memory.bytes(), 0);
  const at::Tensor kept = on_paper(10);
  {
    const at::Tensor dropped = on_paper(20, at::kBFloat16);
    EXPECT_EQ(memory.bytes(), 80);
  }
  EXPECT_EQ(memory.bytes(), 40);
  EXPECT_EQ(memory.peak_bytes(), 80);
  memory.begin_peak();
  EXPECT_EQ(memory.peak_bytes(), 40);
  const at::Tensor view = kept.narrow(0, 2, 3), sum = kept + kept;
  EXPECT_EQ(memory.bytes(), 80);
}

TEST(MetaMemory, ATensorMayOutliveIt) {
  at::Tensor late;
  {
    MetaMemory memory;
    late = on_paper(10);
    EXPECT_EQ(memory.bytes(), 40);
  }
  late.reset();
  const MetaMemory again;
  EXPECT_EQ(again.bytes(), 0);
}

}  // namespace
}  // namespace sift
