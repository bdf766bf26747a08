#include "model/decoder/load_balancing_loss.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

// Shape suffixes: n tokens, k experts of a token, e experts.

namespace sift {
namespace {

/// The loss as a function that autograd can go through.
at::Tensor plain_loss(const std::vector<at::Tensor>& layers, std::int64_t per_token) {
  const at::Tensor probs_ne = at::cat(layers).softmax(-1);
  const at::Tensor chosen_nk = std::get<1>(probs_ne.topk(per_token, -1));
  const at::Tensor frequency_e =
      at::one_hot(chosen_nk, probs_ne.size(1)).to(at::kFloat).sum(1).mean(0, false);
  return static_cast<double>(probs_ne.size(1)) * (frequency_e * probs_ne.mean(0, false)).sum();
}

TEST(LoadBalancingLoss, IsTheLossAndItsGradient) {
  at::manual_seed(4);
  const at::Tensor first = at::randn({6, 5}).requires_grad_(), second = at::randn({6, 5}).requires_grad_();
  const at::Tensor expected = plain_loss({first, second}, 2);
  const auto expected_grads = torch::autograd::grad({0.3 * expected}, {first, second});

  LoadBalancingLoss balance(5, 2, 0.3);
  const at::Tensor a = balance.observe(0, first), b = balance.observe(1, second);
  EXPECT_TRUE(at::equal(a, first));
  balance.finish();
  EXPECT_NEAR(balance.loss().item<double>(), expected.item<double>(), 1e-5);
  EXPECT_FALSE(balance.loss().requires_grad());
  const auto grads = torch::autograd::grad({a.sum() + b.sum()}, {first, second});
  EXPECT_TRUE(at::allclose(grads[0], 1 + expected_grads[0], 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(grads[1], 1 + expected_grads[1], 1e-5, 1e-6));
}

TEST(LoadBalancingLoss, ALayerThatIsRunAgainCountsOnce) {
  at::manual_seed(4);
  const at::Tensor logits = at::randn({6, 5}).requires_grad_();
  LoadBalancingLoss balance(5, 2, 1.0);
  {
    const at::NoGradGuard no_grad;
    balance.observe(0, logits);
  }
  balance.finish();
  const double once = balance.loss().item<double>();
  EXPECT_NEAR(once, plain_loss({logits}, 2).item<double>(), 1e-5);
  const at::Tensor again = balance.observe(0, logits);
  const auto found = torch::autograd::grad({0 * again.sum()}, {logits});
  const auto expected = torch::autograd::grad({plain_loss({logits}, 2)}, {logits});
  EXPECT_TRUE(at::allclose(found[0], expected[0], 1e-5, 1e-6));
  balance.finish();
  EXPECT_EQ(balance.loss().item<double>(), once);
}

}  // namespace
}  // namespace sift
