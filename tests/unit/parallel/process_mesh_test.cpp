#include "parallel/process_mesh.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "parallel/division.h"
#include "parallel/gradient_buckets.h"
#include "support/process_threads.h"

namespace sift {
namespace {

TEST(ProcessMesh, IsOneRowAlone) {
  test::run_group(2, [](ProcessGroup& group) {
    const ProcessMesh mesh(group);
    EXPECT_EQ(&mesh.shards(), &group);
    EXPECT_EQ(mesh.replicas(), nullptr);
    EXPECT_TRUE(mesh.is_first_row());
  });
}

// Three rows of two: no length of a bucket is a multiple of both by itself.
TEST(ProcessMesh, ReplicasOfShardsGetTheSumsOfAll) {
  test::run_mesh(3, 2, [](const ProcessMesh& mesh) {
    const std::int64_t rank = mesh.all().rank();
    EXPECT_EQ(mesh.shards().rank(), rank % 2);
    EXPECT_EQ(mesh.replicas()->rank(), rank / 2);
    EXPECT_EQ(mesh.is_first_row(), rank < 2);
    std::vector<Parameter> weights, slices;
    for (const std::int64_t numel : {500, 7, 1100}) {
      weights.push_back({"weight", at::linspace(-1, 1, numel).set_requires_grad(true)});
      slices.push_back({"weight", slice_of(weights.back().tensor, 2, rank % 2)});
    }
    GradientBuckets buckets(mesh, weights, {.bucket_bytes = 3000}, slices);
    for (int step = 0; step < 2; ++step) {
      for (const bool is_last : {false, true}) {
        buckets.begin_backward();
        for (const std::size_t i : {0, 2})
          (weights[i].tensor.square().sum() * static_cast<double>(rank + 1)).backward();
        if (!is_last) buckets.reduce();
      }
      buckets.finish();
      EXPECT_FALSE(slices[1].tensor.grad().defined());
      for (const std::size_t i : {0, 2}) {
        // 2 w for each of two passes, times 1 + 2 + ... + 6
        EXPECT_TRUE(at::allclose(slices[i].tensor.grad(), slices[i].tensor * 84, 1e-5, 1e-6)) << i;
        slices[i].tensor.mutable_grad().reset();
      }
    }
  });
}

}  // namespace
}  // namespace sift
