#include "ops/swiglu.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

namespace sift {
namespace {

TEST(Swiglu, EqualsPlainAten) {
  for (const auto& [dtype, tolerance] : {std::pair(at::kDouble, 1e-12), std::pair(at::kFloat, 1e-6)}) {
    at::manual_seed(3);
    const at::Tensor gate = at::randn({7, 9}, at::kDouble).mul_(3).to(dtype).requires_grad_();
    const at::Tensor up = at::randn({7, 9}, at::kDouble).to(dtype).requires_grad_();
    const at::Tensor upstream = at::randn({7, 9}, at::kDouble).to(dtype);
    const at::Tensor found = swiglu(gate, up);
    const at::Tensor expected = at::silu(gate) * up;
    EXPECT_LT((found - expected).abs().max().item<double>(), tolerance);
    const auto found_grads = torch::autograd::grad({found}, {gate, up}, {upstream});
    const auto expected_grads = torch::autograd::grad({expected}, {gate, up}, {upstream});
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_LT((found_grads[i] - expected_grads[i]).abs().max().item<double>(), 4 * tolerance)
          << "gradient " << i;
    }
  }
}

}  // namespace
}  // namespace sift
