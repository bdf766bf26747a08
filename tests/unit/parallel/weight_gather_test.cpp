#include "parallel/weight_gather.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "parallel/division.h"
#include "support/process_threads.h"

namespace sift {
namespace {

TEST(WeightGather, CompletesWeightsOfSlices) {
  for (const std::int64_t bytes : {4, 4000, 1 << 20}) {
    test::run_group(3, [&](ProcessGroup& group) {
      std::vector<Parameter> weights;
      for (const std::int64_t numel : {1000, 7, 400})
        weights.push_back({"float32", at::zeros({numel}).requires_grad_()});
      weights.push_back({"bfloat16", at::zeros({20, 30}, at::kBFloat16).requires_grad_()});
      const WeightGather gather(group, weights, bytes);
      for (const double step : {1.0, 2.0}) {
        for (const Parameter& weight : weights)
          slice_of(weight.tensor, 3, group.rank()).fill_(step * static_cast<double>(group.rank() + 1));
        gather.run();
        for (const Parameter& weight : weights)
          for (std::int64_t rank = 0; rank < 3; ++rank)
            EXPECT_TRUE(
                slice_of(weight.tensor, 3, rank).eq(step * static_cast<double>(rank + 1)).all().item<bool>());
      }
    });
  }
}

}  // namespace
}  // namespace sift
