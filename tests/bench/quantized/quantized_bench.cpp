// quantized_bench [TOKENS]: the products with a weight in 4 bits, in time of the product with a float32
// weight that is ready.

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <vector>

#include "ops/quantized_product.h"

namespace sift {
namespace {

/// Seconds of each of several kinds of work, the least of several runs in turn.
std::vector<double> seconds_of(const std::vector<std::function<void()>>& works) {
  std::vector<double> least(works.size(), 1e9);
  for (int run = 0; run < 7; ++run) {
    for (std::size_t i = 0; i < works.size(); ++i) {
      const auto begin = std::chrono::steady_clock::now();
      works[i]();
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
      if (run > 0) least[i] = std::min(least[i], took.count());
    }
  }
  return least;
}

void measure(std::int64_t out, std::int64_t in, std::int64_t tokens, at::ScalarType dtype) {
  at::manual_seed(1);
  const at::Tensor full = at::randn({out, in}) * 0.02;
  const at::Tensor ready = full.to(dtype);
  const auto plain = quantize_4bit(full, QuantizedWeight::Kind::kNf4, false);
  const auto nested = quantize_4bit(full, QuantizedWeight::Kind::kNf4, true);
  const at::Tensor x = at::randn({tokens, in}).to(dtype), grad = at::randn({tokens, out}).to(dtype);
  const at::Tensor copy = at::empty_like(ready);
  const std::vector<double> times = seconds_of(
      {[&] { at::mm(x, ready.t()); }, [&] { at::mm(grad, ready); }, [&] { quantized_product(x, plain); },
       [&] { quantized_product(x, nested); }, [&] { quantized_product_transposed(grad, nested); },
       [&] { dequantize_rows(nested, 0, copy); },
       [&] { quantize_4bit(full, QuantizedWeight::Kind::kNf4, true); }});
  fmt::print(
      "{:5} x {:5}, N = {}, {:8}: mm {:7.2f} ms, {:.1f} GFLOP/s; forward {:.3f}, nested {:.3f}; backward nested {:.3f}; "
      "dequantise {:.2f} ms, quantise {:.1f} ms\n",
      out, in, tokens, c10::toString(dtype), times[0] * 1e3,
      2e-9 * static_cast<double>(out * in * tokens) / times[0], times[2] / times[0], times[3] / times[0],
      times[4] / times[1], times[5] * 1e3, times[6] * 1e3);
}

}  // namespace
}  // namespace sift

int main(int argc, char** argv) {
  const std::int64_t tokens = argc > 1 ? std::atoll(argv[1]) : 512;
  fmt::print("{} threads\n", at::get_num_threads());
  sift::measure(4096, 4096, tokens, at::kFloat);
  sift::measure(14336, 4096, tokens, at::kFloat);
  sift::measure(576, 1536, tokens, at::kFloat);
  sift::measure(1536, 576, tokens, at::kFloat);
  sift::measure(1536, 576, tokens, at::kBFloat16);
}
