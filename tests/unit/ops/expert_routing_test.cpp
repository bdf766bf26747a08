#include "ops/expert_routing.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

// Shape suffixes: n tokens, k experts of a token, m = n * k, e experts, i and o features.

namespace sift {
namespace {

at::Tensor doubles(at::IntArrayRef shape) {
  return at::randn(shape, at::kDouble).requires_grad_();
}

at::Tensor choices() {
  // expert 1 has no token, expert 3 has one
  return at::tensor({2, 0, 0, 2, 3, 2, 2, 0}, at::kLong).view({4, 2});
}

TEST(ExpertRouting, SortsTheAssignmentsByExpert) {
  const ExpertRoute route = route_tokens(choices(), 4);
  EXPECT_EQ(route.counts, (std::vector<std::int64_t>{3, 0, 4, 1}));
  EXPECT_TRUE(at::equal(route.order_m, at::tensor({1, 2, 7, 0, 3, 5, 6, 4}, at::kLong)));
  EXPECT_TRUE(at::equal(route.place_m.index_select(0, route.order_m), at::arange(8, at::kLong)));
  EXPECT_EQ(route.experts_per_token, 2);
}

TEST(ExpertRouting, ThereAndBackGivesEachTokenOncePerExpert) {
  at::manual_seed(3);
  const at::Tensor x_ni = doubles({4, 3});
  const ExpertRoute route = route_tokens(choices(), 4);
  const at::Tensor back_nki = from_experts(to_experts(x_ni, route), route);
  EXPECT_TRUE(at::equal(back_nki, x_ni.unsqueeze(1).expand({4, 2, 3})));
  const at::Tensor upstream = at::randn({4, 2, 3}, at::kDouble);
  const at::Tensor grad_ni = torch::autograd::grad({back_nki}, {x_ni}, {upstream})[0];
  EXPECT_TRUE(at::allclose(grad_ni, upstream.sum(1)));
}

TEST(ExpertRouting, GroupedLinearIsOneLinearForEachExpert) {
  at::manual_seed(3);
  const at::Tensor x_mi = doubles({8, 3}), weight_eoi = doubles({4, 5, 3});
  const std::vector<std::int64_t> counts = {3, 0, 4, 1};
  const at::Tensor upstream = at::randn({8, 5}, at::kDouble);
  std::vector<at::Tensor> parts;
  std::int64_t begin = 0;
  for (std::size_t e = 0; e < counts.size(); ++e) {
    parts.push_back(
        at::linear(x_mi.narrow(0, begin, counts[e]), weight_eoi.select(0, static_cast<std::int64_t>(e))));
    begin += counts[e];
  }
  const at::Tensor expected = at::cat(parts), found = grouped_linear(x_mi, weight_eoi, counts);
  EXPECT_TRUE(at::allclose(found, expected));
  const auto found_grads = torch::autograd::grad({found}, {x_mi, weight_eoi}, {upstream});
  const auto expected_grads = torch::autograd::grad({expected}, {x_mi, weight_eoi}, {upstream});
  EXPECT_TRUE(at::allclose(found_grads[0], expected_grads[0]));
  EXPECT_TRUE(at::allclose(found_grads[1], expected_grads[1]));
  EXPECT_EQ(found_grads[1][1].abs().sum().item<double>(), 0.0) << "an expert without tokens";
}

}  // namespace
}  // namespace sift
