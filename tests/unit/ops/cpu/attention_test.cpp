#include "ops/attention.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "support/dense_attention.h"
#include "support/live_memory.h"

// Shape suffixes: n tokens, a query heads, k key/value heads, d head_dim.

namespace sift {
namespace {

using test::dense_attention;

/// document_attention() of random inputs of this type, held against the dense one of the same numbers in
/// double.
void expect_dense(const std::vector<std::int64_t>& starts, std::int64_t window, at::ScalarType dtype,
                  double tolerance) {
  const std::int64_t tokens = starts.back();
  const auto random = [&](at::IntArrayRef shape) { return at::randn(shape, at::kDouble).to(dtype); };
  const std::vector<at::Tensor> inputs = {random({tokens, 6, 8}).requires_grad_(),
                                          random({tokens, 2, 8}).requires_grad_(),
                                          random({tokens, 2, 8}).requires_grad_()};
  std::vector<at::Tensor> wide;
  for (const at::Tensor& x : inputs) wide.push_back(x.detach().to(at::kDouble).requires_grad_());
  const at::Tensor upstream = random({tokens, 48});
  const at::Tensor found = document_attention(inputs[0], inputs[1], inputs[2], starts, {window, {}, {}});
  const at::Tensor expected = dense_attention(wide[0], wide[1], wide[2], starts, window);
  EXPECT_LT((found - expected).abs().max().item<double>(), tolerance) << "window " << window << " " << dtype;
  const auto found_grads = torch::autograd::grad({found}, inputs, {upstream});
  const auto expected_grads = torch::autograd::grad({expected}, wide, {upstream.to(at::kDouble)});
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_LT((found_grads[i] - expected_grads[i]).abs().max().item<double>(), 4 * tolerance)
        << "gradient " << i << " window " << window << " " << dtype;
  }
}

// bfloat16 takes the way of plain ATen, which is also that of a GPU.
const std::vector<std::pair<at::ScalarType, double>> kTypes = {
    {at::kDouble, 1e-12}, {at::kFloat, 3e-6}, {at::kBFloat16, 0.05}};

TEST(Attention, EqualsADenselyMaskedOne) {
  for (const std::vector<std::int64_t>& starts : {std::vector<std::int64_t>{0, 11}, {0, 1, 5, 11}}) {
    for (const auto& [dtype, tolerance] : kTypes) expect_dense(starts, 0, dtype, tolerance);
  }
}

TEST(Attention, AWindowEqualsABandedMask) {
  for (const std::int64_t window : {1, 2, 3, 5, 13, 14}) {
    // 1, 3, 5, 6 and 14 tokens
    for (const auto& [dtype, tolerance] : kTypes)
      expect_dense({0, 1, 4, 9, 15, 29}, window, dtype, tolerance);
  }
}

// The longest document is cut into blocks: 40 heads times 700 keys are more than fit one.
TEST(Attention, ASoftcapEqualsADenselyMaskedOne) {
  const std::vector<std::int64_t> starts = {0, 1, 7, 707};
  for (const std::int64_t window : {0, 5, 90}) {
    at::manual_seed(5);
    const at::Tensor q = at::randn({707, 40, 4}, at::kDouble).mul_(3).requires_grad_();
    const at::Tensor k = at::randn({707, 8, 4}, at::kDouble).requires_grad_();
    const at::Tensor v = at::randn({707, 8, 4}, at::kDouble).requires_grad_();
    const at::Tensor upstream = at::randn({707, 160}, at::kDouble);
    const AttentionOptions options{window, {}, {}, 1.5};
    const at::Tensor found = document_attention(q, k, v, starts, options);
    const at::Tensor expected = dense_attention(q, k, v, starts, window == 0 ? 1000 : window, 1.5);
    EXPECT_LT((found - expected).abs().max().item<double>(), 1e-12) << "window " << window;
    const auto found_grads = torch::autograd::grad({found}, {q, k, v}, {upstream});
    const auto expected_grads = torch::autograd::grad({expected}, {q, k, v}, {upstream});
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_LT((found_grads[i] - expected_grads[i]).abs().max().item<double>(), 1e-11) << "gradient " << i;
    }
    const at::Tensor tail = tail_attention(q.slice(0, 706), k.slice(0, 7), v.slice(0, 7), options);
    EXPECT_LT((tail - expected.slice(0, 706)).abs().max().item<double>(), 1e-12) << "window " << window;
  }
}

TEST(Attention, ASoftcapInHalfPrecisionStaysNearDouble) {
  at::manual_seed(5);
  const auto half = [](at::IntArrayRef sizes) { return at::randn(sizes).to(at::kBFloat16).requires_grad_(); };
  const std::vector<at::Tensor> found_in = {half({90, 4, 8}), half({90, 2, 8}), half({90, 2, 8})};
  std::vector<at::Tensor> exact_in;
  for (const at::Tensor& x : found_in) exact_in.push_back(x.detach().to(at::kDouble).requires_grad_());
  const AttentionOptions options{0, {}, {}, 2.0};
  const at::Tensor found = document_attention(found_in[0], found_in[1], found_in[2], {0, 90}, options);
  const at::Tensor exact = document_attention(exact_in[0], exact_in[1], exact_in[2], {0, 90}, options);
  EXPECT_EQ(found.scalar_type(), at::kBFloat16);
  EXPECT_LT((found - exact).abs().max().item<double>(), 0.03);
  const auto found_grads = torch::autograd::grad({found.sum()}, found_in);
  const auto exact_grads = torch::autograd::grad({exact.sum()}, exact_in);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(found_grads[i].scalar_type(), at::kBFloat16);
    EXPECT_LT((found_grads[i] - exact_grads[i]).norm().item<double>(),
              0.03 * (1.0 + exact_grads[i].norm().item<double>()))
        << "gradient " << i;
  }
}

TEST(Attention, ASoftcapNeedsMemoryForAFewRowsOnly) {
  const at::Tensor q = at::randn({4000, 4, 8}).requires_grad_(), k = at::randn({4000, 2, 8}).requires_grad_();
  const at::NoGradGuard no_grad;
  for (const std::int64_t window : {0, 20}) {
    const test::LiveMemory memory;
    document_attention(q, k, k, {0, 4000}, {window, {}, {}, 2.0});
    EXPECT_LT(memory.peak_bytes(), std::int64_t{4000} * 4000 * 4 / 4) << "a quarter of one head's scores";
  }
}

// The queries begin within the first document, which is longer than a tile of the fused operator.
TEST(Attention, OfTheLastTokensIsTheEndOfThatOfAll) {
  const std::vector<std::int64_t> starts = {0, 400, 410, 700};
  const std::int64_t hidden = 390;  // tokens without queries
  for (const AttentionOptions& options : {AttentionOptions{}, AttentionOptions{20, {}, {}},
                                          AttentionOptions{300, {}, {}}, AttentionOptions{0, {}, {}, 1.5}}) {
    for (const auto& [dtype, tolerance] : kTypes) {
      at::manual_seed(5);
      const auto random = [type = dtype](at::IntArrayRef shape) {
        return at::randn(shape, at::kDouble).to(type);
      };
      const at::Tensor q = random({700, 4, 8}).requires_grad_(), k = random({700, 2, 8}).requires_grad_();
      const at::Tensor v = random({700, 2, 8}).requires_grad_(), upstream = random({700 - hidden, 32});
      const at::Tensor found = document_attention(q.slice(0, hidden), k, v, starts, options);
      const auto double_of = [](const at::Tensor& x) { return x.detach().to(at::kDouble).requires_grad_(); };
      const std::vector<at::Tensor> wide = {double_of(q), double_of(k), double_of(v)};
      const at::Tensor expected =
          dense_attention(wide[0], wide[1], wide[2], starts, options.window, options.softcap)
              .slice(0, hidden);
      EXPECT_LT((found - expected).abs().max().item<double>(), tolerance) << dtype << " " << options.window;
      const auto grads = torch::autograd::grad({found}, {q, k, v}, {upstream});
      const auto expected_grads = torch::autograd::grad({expected}, wide, {upstream.to(at::kDouble)});
      for (std::size_t i = 0; i < 3; ++i)
        EXPECT_LT((grads[i] - expected_grads[i]).abs().max().item<double>(), 4 * tolerance)
            << "gradient " << i;
    }
  }
}

TEST(Attention, TheLastTokenAloneSeesItsWindow) {
  at::manual_seed(5);
  const at::Tensor q = at::randn({7, 4, 8}), k = at::randn({7, 2, 8}), v = at::randn({7, 2, 8});
  for (const std::int64_t window : {1, 3, 7}) {
    const at::Tensor whole = document_attention(q, k, v, {0, 7}, {window, {}, {}});
    EXPECT_TRUE(at::allclose(tail_attention(q, k, v, {window, {}, {}}), whole));
    EXPECT_TRUE(
        at::allclose(tail_attention(q.slice(0, 6), k, v, {window, {}, {}}), whole.slice(0, 6), 1e-5, 1e-6));
  }
}

TEST(Attention, TheLastTokenAloneIsTheLastRowOfAll) {
  at::manual_seed(5);
  const at::Tensor q = at::randn({7, 4, 8}), k = at::randn({7, 2, 8}), v = at::randn({7, 2, 8});
  const at::Tensor whole = tail_attention(q, k, v);
  EXPECT_TRUE(at::allclose(whole, document_attention(q, k, v, {0, 7})));
  EXPECT_TRUE(at::allclose(tail_attention(q.slice(0, 6), k, v), whole.slice(0, 6), 1e-5, 1e-6));
}

}  // namespace
}  // namespace sift
