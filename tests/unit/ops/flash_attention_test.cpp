#include "ops/flash_attention.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "support/dense_attention.h"

// Shape suffixes: n tokens, a query heads, k key/value heads, d head_dim.

namespace sift {
namespace {

struct AttentionCase {
  std::vector<std::int64_t> starts;
  std::int64_t heads, kv_heads, head_dim, window;
};

struct Made {
  at::Tensor out;
  std::vector<at::Tensor> grads;
};

/// In double precision with a dense mask.
Made made(const AttentionCase& of, at::ScalarType dtype, double spread = 1.0) {
  at::manual_seed(3);
  const std::int64_t tokens = of.starts.back();
  const auto random = [&](std::int64_t heads) {
    return at::randn({tokens, heads, of.head_dim}, at::kFloat).mul_(spread).to(dtype).requires_grad_();
  };
  const at::Tensor q = random(of.heads), k = random(of.kv_heads), v = random(of.kv_heads);
  const at::Tensor upstream = at::randn({tokens, of.heads * of.head_dim}, at::kFloat).to(dtype);
  AttentionOptions options;
  options.window = of.window;
  const at::Tensor out = dtype == at::kDouble ? test::dense_attention(q, k, v, of.starts, of.window)
                                              : flash_attention(q, k, v, of.starts, options);
  return {out.detach(), torch::autograd::grad({out}, {q, k, v}, {upstream})};
}

double difference(const at::Tensor& found, const at::Tensor& expected) {
  return ((found.to(at::kDouble) - expected).abs().max() / expected.abs().max().clamp_min(1.0))
      .item<double>();
}

class FlashAttention : public testing::TestWithParam<AttentionCase> {
 protected:
  void SetUp() override {
    const at::Tensor one = at::ones({1, 1, 8});
    if (!supports_flash_attention(one, one, one, {0, 1}, {}))
      GTEST_SKIP() << "this processor or LibTorch cannot run it";
  }
};

TEST_P(FlashAttention, EqualsDoublePrecision) {
  for (const double spread : {1.0, 4.0}) {
    const Made found = made(GetParam(), at::kFloat, spread);
    const Made exact = made(GetParam(), at::kDouble, spread);
    EXPECT_LT(difference(found.out, exact.out), 1e-5) << "spread " << spread;
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_LT(difference(found.grads[i], exact.grads[i]), 3e-5)
          << "gradient " << i << ", spread " << spread;
    }
  }
}

TEST_P(FlashAttention, DoesNotDependOnHowManyThreadsThereAre) {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const Made one = made(GetParam(), at::kFloat);
  for (const int several : {2, 3}) {
    at::set_num_threads(several);
    const Made found = made(GetParam(), at::kFloat);
    EXPECT_TRUE(at::equal(one.out, found.out)) << several;
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_TRUE(at::equal(one.grads[i], found.grads[i])) << "gradient " << i << ", " << several;
    }
  }
  at::set_num_threads(threads);
}

INSTANTIATE_TEST_SUITE_P(Shapes, FlashAttention,
                         testing::Values(AttentionCase{{0, 1, 2, 130, 700}, 4, 2, 64, 0},  // several tiles
                                         AttentionCase{
                                             {0, 129, 257, 1030}, 3, 3, 20, 300},      // a window over tiles
                                         AttentionCase{{0, 600}, 2, 1, 8, 1},          // sees itself alone
                                         AttentionCase{{0, 2500, 2510}, 2, 1, 16, 0},  // keys in two parts
                                         AttentionCase{{0, 2500}, 2, 2, 16, 500}));

}  // namespace
}  // namespace sift
