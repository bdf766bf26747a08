#include "ops/dropout.h"

#include <ATen/Context.h>
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

namespace sift {
namespace {

constexpr std::int64_t kElements = 100'000;

TEST(Dropout, ZeroesAsManyAsItsProbabilityAndScalesTheRest) {
  const at::Tensor factors = dropout_factors(at::empty({kElements}), 0.25, 3, 1);
  const double kept = (factors != 0).to(at::kDouble).mean().item<double>();
  EXPECT_NEAR(kept, 0.75, 0.01);
  EXPECT_TRUE(at::equal(factors.max(), at::scalar_tensor(1.0 / 0.75, at::kFloat)));
}

TEST(Dropout, DependsOnSeedAndSiteAlone) {
  const at::Tensor x = at::empty({50, 20});
  const at::Tensor factors = dropout_factors(x, 0.5, 3, 1);
  at::rand({10});  // the default generator moves on
  EXPECT_TRUE(at::equal(dropout_factors(x, 0.5, 3, 1), factors));
  EXPECT_FALSE(at::equal(dropout_factors(x, 0.5, 4, 1), factors));
  EXPECT_FALSE(at::equal(dropout_factors(x, 0.5, 3, 2), factors));
}

TEST(Dropout, LeavesTheDefaultGeneratorAlone) {
  at::manual_seed(5);
  const at::Tensor expected = at::rand({4});
  at::manual_seed(5);
  dropout_factors(at::empty({100}), 0.5, 3, 1);
  uniform_noise(at::empty({100}), 0.5, 3);
  EXPECT_TRUE(at::equal(at::rand({4}), expected));
}

TEST(UniformNoise, FillsItsRangeEvenly) {
  const at::Tensor noise = uniform_noise(at::empty({kElements}), 0.5, 3);
  EXPECT_LE(noise.abs().max().item<float>(), 0.5F);
  EXPECT_NEAR(noise.mean().item<double>(), 0.0, 0.01);
  EXPECT_NEAR(noise.square().mean().item<double>(), 0.25 / 3, 0.005);
}

}  // namespace
}  // namespace sift
