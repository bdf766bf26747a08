#include "ops/gated_units.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

namespace sift {
namespace {

void expect_equal_to_plain(Activation activation, at::ScalarType dtype, double tolerance) {
  at::manual_seed(3);
  const at::Tensor gate = at::randn({7, 9}, at::kDouble).mul_(3).to(dtype).requires_grad_();
  const at::Tensor up = at::randn({7, 9}, at::kDouble).to(dtype).requires_grad_();
  const at::Tensor upstream = at::randn({7, 9}, at::kDouble).to(dtype);
  const at::Tensor found = gated_unit(gate, up, activation);
  const at::Tensor expected =
      (activation == Activation::kSilu ? at::silu(gate) : at::gelu(gate, "tanh")) * up;
  EXPECT_LT((found - expected).abs().max().item<double>(), tolerance);
  const auto found_grads = torch::autograd::grad({found}, {gate, up}, {upstream});
  const auto expected_grads = torch::autograd::grad({expected}, {gate, up}, {upstream});
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_LT((found_grads[i] - expected_grads[i]).abs().max().item<double>(), 4 * tolerance)
        << "gradient " << i;
  }
}

TEST(GatedUnits, EqualPlainAten) {
  for (const Activation activation : {Activation::kSilu, Activation::kGeluTanh}) {
    expect_equal_to_plain(activation, at::kDouble, 1e-12);
    expect_equal_to_plain(activation, at::kFloat, 1e-6);
  }
}

}  // namespace
}  // namespace sift
