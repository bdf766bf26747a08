#include "ops/quantized_product.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "support/live_memory.h"

namespace sift {
namespace {

using Kind = QuantizedWeight::Kind;

TEST(QuantizedProduct, EqualsTheProductWithTheDequantisedWeight) {
  at::manual_seed(5);
  for (const auto& [out, in] :
       {std::pair(96, 128), {37, 51}, {1, 64}, {2500, 700}}) {  // the last in two tiles
    const QuantizedWeight weight =
        quantize_4bit(at::randn({out, in}), out % 2 == 0 ? Kind::kNf4 : Kind::kFp4, true);
    for (const auto& [dtype, tolerance] :
         {std::pair(at::kDouble, 1e-12), {at::kFloat, 1e-5}, {at::kBFloat16, 1e-2}}) {
      const at::Tensor x = at::randn({11, in}).to(dtype), grad = at::randn({11, out}).to(dtype);
      const at::Tensor full = dequantize(weight, dtype).to(at::kDouble);
      const at::Tensor y = quantized_product(x, weight), grad_x = quantized_product_transposed(grad, weight);
      EXPECT_EQ(y.scalar_type(), dtype);
      EXPECT_EQ(grad_x.scalar_type(), dtype);
      const auto error = [](const at::Tensor& found, const at::Tensor& expected) {
        return ((found - expected).norm() / expected.norm()).item<double>();
      };
      EXPECT_LT(error(y, x.to(at::kDouble).mm(full.t())), tolerance) << out << " " << dtype;
      EXPECT_LT(error(grad_x, grad.to(at::kDouble).mm(full)), tolerance) << out << " " << dtype;
    }
  }
}

TEST(QuantizedProduct, TakesARowRangeOfAWiderMatrix) {
  at::manual_seed(5);
  const QuantizedWeight weight = quantize_4bit(at::randn({24, 32}), Kind::kNf4, false);
  const at::Tensor wide = at::randn({7, 80}), grads = at::randn({7, 80});
  const at::Tensor x = wide.narrow(1, 16, 32), grad = grads.narrow(1, 8, 24);
  EXPECT_TRUE(at::allclose(quantized_product(x, weight), quantized_product(x.contiguous(), weight)));
  EXPECT_TRUE(at::allclose(quantized_product_transposed(grad, weight),
                           quantized_product_transposed(grad.contiguous(), weight)));
}

TEST(QuantizedProduct, IsZeroTokensLongForZeroTokens) {
  const QuantizedWeight weight = quantize_4bit(at::randn({24, 32}), Kind::kNf4, false);
  EXPECT_EQ(quantized_product(at::empty({0, 32}), weight).sizes(), (at::IntArrayRef{0, 24}));
  EXPECT_EQ(quantized_product_transposed(at::empty({0, 24}), weight).sizes(), (at::IntArrayRef{0, 32}));
}

TEST(QuantizedProduct, NeverHoldsTheWholeWeight) {
  const QuantizedWeight weight = quantize_4bit(at::randn({8192, 1024}), Kind::kNf4, true);
  const at::Tensor x = at::randn({4, 1024}), grad = at::randn({4, 8192});
  const test::LiveMemory memory;
  quantized_product(x, weight);
  quantized_product_transposed(grad, weight);
  EXPECT_LT(memory.peak_bytes(), 6 << 20) << "the weight has 32 MB in float32";
}

}  // namespace
}  // namespace sift
