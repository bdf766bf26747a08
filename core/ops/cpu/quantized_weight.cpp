#include "ops/quantized_weight.h"

#include <ATen/Functions.h>

#include "ops/cpu/supports.h"
#include "ops/operators.h"

namespace sift::cpu {
namespace {

std::tuple<at::Tensor, at::Tensor> quantize(const at::Tensor& x, bool nf4, std::int64_t block_size) {
  const std::int64_t count = x.numel();
  at::Tensor codes = at::empty({(count + 1) / 2}, at::kByte);
  at::Tensor absmax = at::empty({(count + block_size - 1) / block_size}, at::kFloat);
  quantize_4bit(count, in<float>(x), nf4, block_size, out<std::uint8_t>(codes), out<float>(absmax));
  return {codes, absmax};
}

void dequantize(const at::Tensor& codes, const at::Tensor& absmax, bool nf4, std::int64_t block_size,
                std::int64_t first, const at::Tensor& y) {
  const auto run = [&](auto zero) {
    using T = decltype(zero);
    dequantize_4bit(in<std::uint8_t>(codes), in<float>(absmax), nf4, block_size, first, y.numel(), out<T>(y));
  };
  if (y.scalar_type() == at::kFloat) return run(float());
  run(at::BFloat16());
}

[[maybe_unused]] const bool kQuantizeRegistered =
    available() && op::quantize_4bit.add_version(
                       at::kCPU,
                       [](const at::Tensor& x, bool, std::int64_t) {
                         return x.scalar_type() == at::kFloat && x.is_contiguous();
                       },
                       quantize);

[[maybe_unused]] const bool kDequantizeRegistered =
    available() && op::dequantize_4bit.add_version(
                       at::kCPU,
                       [](const at::Tensor&, const at::Tensor& absmax, bool, std::int64_t, std::int64_t,
                          const at::Tensor& y) {
                         const bool has_type =
                             y.scalar_type() == at::kFloat || y.scalar_type() == at::kBFloat16;
                         return has_type && absmax.is_contiguous();
                       },
                       dequantize);

}  // namespace
}  // namespace sift::cpu
