#include "ops/rotary.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

namespace sift {
namespace {

/// transformers' apply_rotary_pos_emb.
at::Tensor plain_rotary(const at::Tensor& x_nad, const at::Tensor& cos_nf, const at::Tensor& sin_nf) {
  const std::int64_t turned = 2 * cos_nf.size(1);
  const at::Tensor first_nad = x_nad.slice(2, 0, turned);
  const auto halves = first_nad.chunk(2, -1);
  const at::Tensor turned_nad = at::cat({-halves[1], halves[0]}, -1);
  const at::Tensor out_nad = first_nad * at::cat({cos_nf, cos_nf}, -1).unsqueeze(1) +
                             turned_nad * at::cat({sin_nf, sin_nf}, -1).unsqueeze(1);
  return at::cat({out_nad, x_nad.slice(2, turned)}, -1);
}

/// `features` of a head of 8 turn.
void expect_equal_to_plain(std::int64_t features) {
  for (const auto& [dtype, tolerance] : {std::pair(at::kDouble, 1e-12), std::pair(at::kFloat, 1e-6)}) {
    at::manual_seed(3);
    const at::Tensor x = at::randn({5, 3, 8}, at::kDouble).to(dtype).requires_grad_();
    const at::Tensor angles = at::randn({5, features / 2}, at::kDouble).to(dtype);
    const at::Tensor upstream = at::randn({5, 3, 8}, at::kDouble).to(dtype);
    const at::Tensor found = rotary(x, angles.cos(), angles.sin());
    const at::Tensor expected = plain_rotary(x, angles.cos(), angles.sin());
    EXPECT_LT((found - expected).abs().max().item<double>(), tolerance);
    const auto found_grad = torch::autograd::grad({found}, {x}, {upstream})[0];
    const auto expected_grad = torch::autograd::grad({expected}, {x}, {upstream})[0];
    EXPECT_LT((found_grad - expected_grad).abs().max().item<double>(), tolerance);
  }
}

TEST(Rotary, EqualsPlainAten) {
  expect_equal_to_plain(8);
}

TEST(Rotary, LeavesWhatTheTablesDoNotCover) {
  expect_equal_to_plain(6);
  expect_equal_to_plain(2);
}

TEST(Rotary, RoundsHalfPrecisionOnce) {
  const at::Tensor x = at::randn({4, 2, 6}).to(at::kBFloat16);
  const at::Tensor angles = at::randn({4, 3});
  const at::Tensor found = rotary(x, angles.cos(), angles.sin());
  EXPECT_TRUE(at::allclose(
      found, plain_rotary(x.to(at::kFloat), angles.cos(), angles.sin()).to(at::kBFloat16), 8e-3));
}

}  // namespace
}  // namespace sift
