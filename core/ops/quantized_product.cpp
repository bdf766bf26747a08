#include "ops/quantized_product.h"

#include <ATen/Functions.h>

#include <algorithm>

namespace sift {
namespace {

// Of 1, 4 and 16 MB the smallest with which tests/bench/quantized is as fast as with any.
constexpr std::int64_t kTileBytes = std::int64_t{4} << 20, kMinRows = 32;

/// LibTorch's product of bfloat16 matrices is ten times slower than that of float32 on most CPUs. Their
/// products are sums in float32 that are rounded once either way.
at::ScalarType product_dtype(const at::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == at::kBFloat16 ? at::kFloat : x.scalar_type();
}

/// Calls work(first row, tile [R, in]) for all rows in order. Tiles are rounded to `dtype` and of type
/// `wide`.
template <class Work>
void for_each_tile(const QuantizedWeight& weight, at::ScalarType dtype, at::ScalarType wide,
                   const Work& work) {
  const std::int64_t out = weight.out_features(), in = weight.in_features();
  const auto row_bytes = in * static_cast<std::int64_t>(c10::elementSize(dtype));
  const std::int64_t rows =
      std::min(out, std::max(kMinRows, kTileBytes / std::max<std::int64_t>(1, row_bytes)));
  const at::Tensor buffer = at::empty({rows, in}, weight.codes.options().dtype(dtype));
  for (std::int64_t first = 0; first < out; first += rows) {
    const at::Tensor tile_ri = buffer.narrow(0, 0, std::min(rows, out - first));
    dequantize_rows(weight, first, tile_ri);
    work(first, tile_ri.to(wide));
  }
}

}  // namespace

at::Tensor quantized_product(const at::Tensor& x_ni, const QuantizedWeight& weight) {
  const at::ScalarType wide = product_dtype(x_ni);
  const at::Tensor wide_ni = x_ni.to(wide);
  const at::Tensor y_no = at::empty({x_ni.size(0), weight.out_features()}, wide_ni.options());
  for_each_tile(weight, x_ni.scalar_type(), wide, [&](std::int64_t first, const at::Tensor& tile_ri) {
    at::Tensor part = y_no.narrow(1, first, tile_ri.size(0));
    at::mm_out(part, wide_ni, tile_ri.t());
  });
  return y_no.to(x_ni.scalar_type());
}

at::Tensor quantized_product_transposed(const at::Tensor& grad_no, const QuantizedWeight& weight) {
  const at::ScalarType wide = product_dtype(grad_no);
  const at::Tensor wide_no = grad_no.to(wide);
  at::Tensor grad_ni = at::empty({grad_no.size(0), weight.in_features()}, wide_no.options());
  for_each_tile(weight, grad_no.scalar_type(), wide, [&](std::int64_t first, const at::Tensor& tile_ri) {
    const at::Tensor part = wide_no.narrow(1, first, tile_ri.size(0));
    at::addmm_out(grad_ni, grad_ni, part, tile_ri, first == 0 ? 0.0 : 1.0);
  });
  return grad_ni.to(grad_no.scalar_type());
}

}  // namespace sift
