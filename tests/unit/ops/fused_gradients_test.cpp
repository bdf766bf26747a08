#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <functional>
#include <vector>

#include "ops/attention.h"
#include "ops/flash_attention.h"
#include "ops/gated_units.h"
#include "ops/rms_norm.h"
#include "ops/rotary.h"
#include "support/dense_attention.h"

// Every fused operator in double precision: its result and gradients equal those of plain ATen, and its
// gradients are the slopes that finite differences find. The loops are the same ones that run in float32.

namespace sift {
namespace {

using Inputs = std::vector<at::Tensor>;
using Formula = std::function<at::Tensor(const Inputs&)>;

at::Tensor leaf(at::IntArrayRef shape) {
  return at::randn(shape, at::kDouble).requires_grad_();
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

void expect_equal_to_plain(const Formula& fused, const Formula& plain, const Inputs& inputs) {
  const at::Tensor found = fused(inputs), expected = plain(inputs);
  EXPECT_LT(largest_difference(found, expected), 1e-12);
  const at::Tensor upstream = at::randn_like(expected);
  const auto found_grads = torch::autograd::grad({found}, inputs, {upstream});
  const auto expected_grads = torch::autograd::grad({expected}, inputs, {upstream});
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_LT(largest_difference(found_grads[i], expected_grads[i]), 1e-12) << "gradient " << i;
  }
}

/// As torch.autograd.gradcheck does it: (f(x + h) - f(x - h)) / 2 h for every number of every input.
void expect_slopes(const Formula& fused, const Inputs& inputs) {
  constexpr double kStep = 1e-6;
  const at::Tensor upstream = at::randn_like(fused(inputs));
  const auto grads = torch::autograd::grad({fused(inputs)}, inputs, {upstream});
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    double* const numbers = inputs[i].data_ptr<double>();
    for (std::int64_t k = 0; k < inputs[i].numel(); ++k) {
      const double before = numbers[k];
      const auto value = [&](double x) {
        numbers[k] = x;
        return (fused(inputs) * upstream).sum().item<double>();
      };
      const double slope = (value(before + kStep) - value(before - kStep)) / (2 * kStep);
      numbers[k] = before;
      EXPECT_NEAR(grads[i].flatten()[k].item<double>(), slope, 1e-6 * (1 + std::abs(slope)))
          << "input " << i << ", number " << k;
    }
  }
}

void check(const Formula& fused, const Formula& plain, const Inputs& inputs) {
  expect_equal_to_plain(fused, plain, inputs);
  expect_slopes(fused, inputs);
}

TEST(FusedGradients, RmsNorm) {
  for (const NormWeight kind : {NormWeight::kScale, NormWeight::kOffset}) {
    check([kind](const Inputs& in) { return rms_norm(in[0], in[1], 1e-5, kind); },
          [kind](const Inputs& in) {
            const at::Tensor normed = in[0] * (in[0].square().mean(-1, true) + 1e-5).rsqrt();
            return normed * (kind == NormWeight::kOffset ? in[1] + 1.0 : in[1]);
          },
          {leaf({5, 11}), leaf({11})});
  }
}

TEST(FusedGradients, GatedUnit) {
  check([](const Inputs& in) { return gated_unit(in[0], in[1], Activation::kSilu); },
        [](const Inputs& in) { return at::silu(in[0]) * in[1]; }, {leaf({5, 7}), leaf({5, 7})});
  check([](const Inputs& in) { return gated_unit(in[0], in[1], Activation::kGeluTanh); },
        [](const Inputs& in) { return at::gelu(in[0], "tanh") * in[1]; }, {leaf({5, 7}), leaf({5, 7})});
}

TEST(FusedGradients, Rotary) {
  const at::Tensor angle = at::randn({4, 3}, at::kDouble), cos = angle.cos(), sin = angle.sin();
  check([&](const Inputs& in) { return rotary(in[0], cos, sin); },
        [&](const Inputs& in) {
          const at::Tensor a = in[0].narrow(2, 0, 3), b = in[0].narrow(2, 3, 3), rest = in[0].narrow(2, 6, 2);
          const at::Tensor c = cos.unsqueeze(1), s = sin.unsqueeze(1);
          return at::cat({a * c - b * s, b * c + a * s, rest}, 2);
        },
        {leaf({4, 2, 8})});
}

TEST(FusedGradients, FlashAttention) {
  const Inputs inputs = {leaf({9, 4, 5}), leaf({9, 2, 5}), leaf({9, 2, 5})};
  const std::vector<std::int64_t> starts = {0, 2, 9};
  for (const std::int64_t window : {0, 3}) {
    AttentionOptions options;
    options.window = window;
    if (!supports_flash_attention(inputs[0], inputs[1], inputs[2], starts, options)) {
      GTEST_SKIP() << "this processor or LibTorch cannot run it";
    }
    check([&](const Inputs& in) { return flash_attention(in[0], in[1], in[2], starts, options); },
          [&](const Inputs& in) { return test::dense_attention(in[0], in[1], in[2], starts, window); },
          inputs);
  }
}

}  // namespace
}  // namespace sift
