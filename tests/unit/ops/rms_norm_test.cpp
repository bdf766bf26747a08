#include "ops/rms_norm.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

namespace sift {
namespace {

at::Tensor plain_rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps,
                          NormWeight kind = NormWeight::kScale) {
  const at::ScalarType wide_dtype = x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  const at::Tensor wide = x.to(wide_dtype);
  const at::Tensor normed = wide * at::rsqrt(wide.pow(2).mean(-1, true) + eps);
  if (kind == NormWeight::kOffset) return (normed * (1.0 + weight.to(wide_dtype))).to(x.scalar_type());
  return weight * normed.to(x.scalar_type());
}

void expect_equal_to_plain(at::IntArrayRef shape, at::ScalarType dtype, double tolerance,
                           NormWeight kind = NormWeight::kScale) {
  at::manual_seed(3);
  const at::Tensor x = at::randn(shape, at::kDouble).to(dtype).requires_grad_();
  const at::Tensor weight = at::randn({shape.back()}, at::kDouble).to(dtype).requires_grad_();
  const at::Tensor upstream = at::randn(shape, at::kDouble).to(dtype);
  const at::Tensor found = rms_norm(x, weight, 1e-5, kind);
  const at::Tensor expected = plain_rms_norm(x, weight, 1e-5, kind);
  EXPECT_EQ(found.scalar_type(), expected.scalar_type());
  EXPECT_LT((found - expected).abs().max().item<double>(), tolerance);
  const auto found_grads = torch::autograd::grad({found}, {x, weight}, {upstream});
  const auto expected_grads = torch::autograd::grad({expected}, {x, weight}, {upstream});
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(found_grads[i].scalar_type(), dtype);
    EXPECT_LT((found_grads[i] - expected_grads[i]).abs().max().item<double>(), tolerance) << "gradient " << i;
  }
}

TEST(RmsNorm, EqualsPlainAten) {
  expect_equal_to_plain({5, 12}, at::kDouble, 1e-12);
  expect_equal_to_plain({3, 4, 6}, at::kDouble, 1e-12);
  expect_equal_to_plain({5, 12}, at::kFloat, 4e-6);
  expect_equal_to_plain({5, 12}, at::kBFloat16, 0.06);
}

TEST(RmsNorm, AnOffsetWeightIsAppliedBeforeRounding) {
  expect_equal_to_plain({3, 4, 6}, at::kDouble, 1e-12, NormWeight::kOffset);
  expect_equal_to_plain({5, 12}, at::kFloat, 4e-6, NormWeight::kOffset);
  expect_equal_to_plain({5, 12}, at::kBFloat16, 0.06, NormWeight::kOffset);
  const at::Tensor x = at::randn({9, 64}).to(at::kBFloat16), weight = at::randn({64});
  const at::Tensor found = rms_norm(x, weight, 1e-6, NormWeight::kOffset);
  EXPECT_EQ(found.scalar_type(), at::kBFloat16) << "also with a wider weight";
  EXPECT_TRUE(at::allclose(found, plain_rms_norm(x, weight, 1e-6, NormWeight::kOffset), 4e-3));
}

TEST(RmsNorm, AWiderWeightWidensTheResult) {
  const at::Tensor x = at::randn({2, 4}).to(at::kBFloat16);
  EXPECT_EQ(rms_norm(x, at::ones({4}), 1e-6).scalar_type(), at::kFloat);
  EXPECT_TRUE(
      at::allclose(rms_norm(x, at::full({4}, 2.0), 1e-6), plain_rms_norm(x, at::full({4}, 2.0), 1e-6)));
}

}  // namespace
}  // namespace sift
