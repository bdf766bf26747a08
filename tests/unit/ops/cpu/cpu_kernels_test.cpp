#include "ops/cpu/kernels.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Generator.h>
#include <gtest/gtest.h>

namespace sift {
namespace {

// Every size has a tail that is no whole vector; every result is compared with plain ATen in double
// precision.
constexpr std::int64_t kRows = 131, kSize = 37;

struct CpuKernels : testing::Test {
  void SetUp() override {
    if (!cpu::available()) GTEST_SKIP() << "this processor has no AVX2";
    at::manual_seed(1);
  }
};

bool close(const at::Tensor& found, const at::Tensor& expected_double, double tolerance = 2e-6) {
  return at::allclose(found.to(at::kDouble), expected_double, tolerance, tolerance);
}

TEST_F(CpuKernels, RmsNorm) {
  const at::Tensor x = at::randn({kRows, kSize}), w = at::randn({kSize}), grad = at::randn({kRows, kSize});
  const at::Tensor y = at::empty_like(x), rstd = at::empty({kRows}), dx = at::empty_like(x),
                   dw = at::empty_like(w);
  cpu::rms_norm(kRows, kSize, x.const_data_ptr<float>(), w.const_data_ptr<float>(), 1e-5f,
                y.data_ptr<float>(), rstd.data_ptr<float>());
  cpu::rms_norm_backward(kRows, kSize, grad.const_data_ptr<float>(), x.const_data_ptr<float>(),
                         w.const_data_ptr<float>(), rstd.const_data_ptr<float>(), dx.data_ptr<float>(),
                         dw.data_ptr<float>());

  const at::Tensor wide = x.to(at::kDouble), weight = w.to(at::kDouble), g = grad.to(at::kDouble);
  const at::Tensor r = (wide.square().mean(1, true) + 1e-5).rsqrt();
  EXPECT_TRUE(close(y, wide * r * weight));
  EXPECT_TRUE(close(rstd, r.squeeze(1)));
  EXPECT_TRUE(close(dw, (g * wide * r).sum(0), 2e-5));
  EXPECT_TRUE(close(dx, r * (g * weight - wide * r.square() * (g * weight * wide).mean(1, true)), 5e-6));
}

TEST_F(CpuKernels, GatedUnit) {
  const at::Tensor both = at::randn({kRows, 2 * kSize}) * 4, grad = at::randn({kRows, kSize});
  const at::Tensor gate = both.narrow(1, 0, kSize), up = both.narrow(1, kSize, kSize);
  const at::Tensor y = at::empty_like(grad), d_gate = at::empty_like(grad), d_up = at::empty_like(grad);
  const at::Tensor wide = gate.to(at::kDouble), g = grad.to(at::kDouble);
  const cpu::GateShape shape{kRows, kSize, 2 * kSize};
  for (const cpu::Gate kind : {cpu::Gate::kSilu, cpu::Gate::kGeluTanh}) {
    cpu::gated_unit(shape, kind, gate.const_data_ptr<float>(), up.const_data_ptr<float>(),
                    y.data_ptr<float>());
    cpu::gated_unit_backward(shape, kind, grad.const_data_ptr<float>(), gate.const_data_ptr<float>(),
                             up.const_data_ptr<float>(), d_gate.data_ptr<float>(), d_up.data_ptr<float>());
    const bool silu = kind == cpu::Gate::kSilu;
    const at::Tensor activated = silu ? at::silu(wide) : at::gelu(wide, "tanh");
    const at::Tensor slope = g * up.to(at::kDouble);
    EXPECT_TRUE(close(y, activated * up.to(at::kDouble)));
    EXPECT_TRUE(close(d_up, activated * g));
    // 1 - tanh^2 loses digits where tanh is nearly 1
    EXPECT_TRUE(close(d_gate, silu ? at::silu_backward(slope, wide) : at::gelu_backward(slope, wide, "tanh"),
                      silu ? 2e-6 : 2e-5));
  }
}

TEST_F(CpuKernels, Rotary) {
  constexpr std::int64_t kHeads = 3, kHeadSize = 14, kHalf = 5;  // the last four numbers stay as they are
  const at::Tensor x = at::randn({kRows, kHeads, kHeadSize}), y = at::empty_like(x);
  const at::Tensor angle = at::randn({kRows, kHalf}), cos = angle.cos(), sin = angle.sin();
  for (const float sign : {1.0f, -1.0f}) {
    cpu::rotary(kRows, kHeads, kHeadSize, kHalf, x.const_data_ptr<float>(), cos.const_data_ptr<float>(),
                sin.const_data_ptr<float>(), sign, y.data_ptr<float>());
    const at::Tensor a = x.narrow(2, 0, kHalf).to(at::kDouble), b = x.narrow(2, kHalf, kHalf).to(at::kDouble);
    const at::Tensor c = cos.to(at::kDouble).unsqueeze(1), s = sin.to(at::kDouble).unsqueeze(1) * sign;
    EXPECT_TRUE(
        close(y, at::cat({a * c - b * s, b * c + a * s, x.narrow(2, 2 * kHalf, 4).to(at::kDouble)}, 2)));
  }
}

TEST_F(CpuKernels, SoftmaxRow) {
  constexpr std::int64_t kVocabulary = 5003;
  const at::Tensor z = at::randn({kVocabulary}) * 5;
  const std::int64_t top = z.argmax().item<std::int64_t>();
  for (const std::int64_t target : {top, std::int64_t{0}, kVocabulary - 1}) {
    const at::Tensor row = z.clone(), wide = z.to(at::kDouble);
    cpu::RowStats<float> stats;
    const double sum = cpu::softmax_row(kVocabulary, row.data_ptr<float>(), target, stats);
    const at::Tensor log_p = at::log_softmax(wide, 0);
    EXPECT_NEAR(stats.log_z, at::logsumexp(wide, 0).item<double>(), 1e-5);
    EXPECT_NEAR(stats.log_prob, log_p[target].item<double>(), 1e-5);
    EXPECT_NEAR(stats.entropy, -(log_p.exp() * log_p).sum().item<double>(), 1e-5);
    EXPECT_EQ(stats.is_top1, target == top);
    EXPECT_TRUE(close(row / sum, log_p.exp(), 1e-5));
  }
}

TEST_F(CpuKernels, TheFirstOfEqualLogitsIsTop1) {
  for (const std::int64_t target : {0, 1, 2}) {
    at::Tensor row = at::tensor({3.0f, 7.0f, 7.0f});
    cpu::RowStats<float> stats;
    cpu::softmax_row(3, row.data_ptr<float>(), target, stats);
    EXPECT_EQ(stats.is_top1, target == 1) << target;
  }
}

}  // namespace
}  // namespace sift
