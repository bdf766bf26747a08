#include "ops/quantized_weight.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "ops/four_bit_codes.h"
#include "ops/nested_absmax.h"
#include "ops/operators.h"

namespace sift {
namespace {

// A part of a weight that is widened to float32 at once, 4 MB; a multiple of all block sizes.
constexpr std::int64_t kPart = std::int64_t{1} << 20;
// bitsandbytes divides by no less, so that a block of zeros divides by something.
constexpr double kLeastAbsmax = 1e-38;

std::int64_t divided_up(std::int64_t count, std::int64_t size) {
  return (count + size - 1) / size;
}

at::Tensor table(at::ArrayRef<float> values, const at::Tensor& like) {
  return at::tensor(values, at::kFloat).to(like.device());
}

}  // namespace

std::tuple<at::Tensor, at::Tensor> plain::quantize_4bit(const at::Tensor& x, bool nf4,
                                                        std::int64_t block_size) {
  const FourBitCodes& type = four_bit_codes(nf4);
  const std::int64_t full = x.numel() / block_size * block_size;
  const at::Tensor blocks = x.slice(0, 0, full).view({full / block_size, block_size});
  at::Tensor absmax = blocks.abs().amax(1);
  at::Tensor scaled = (blocks * absmax.clamp_min(kLeastAbsmax).reciprocal().unsqueeze(1)).view(-1);
  if (full < x.numel()) {  // a block that is not full is really divided, and never has absmax 0
    const at::Tensor rest = x.slice(0, full);
    const at::Tensor rest_absmax = rest.abs().amax().clamp_min(kLeastAbsmax);
    absmax = at::cat({absmax, rest_absmax.unsqueeze(0)});
    scaled = at::cat({scaled, rest / rest_absmax});
  }
  if (scaled.numel() % 2 != 0) scaled = at::cat({scaled, scaled.new_zeros({1})});
  std::array<float, 15> bounds{};
  for (std::size_t i = 0; i < bounds.size(); ++i) bounds[i] = type.bound(i);
  const std::vector<std::int64_t> order(type.order.begin(), type.order.end());
  const at::Tensor codes = at::tensor(order, at::kByte)
                               .to(x.device())
                               .index_select(0, at::bucketize(scaled, table(bounds, x), /*out_int32=*/true));
  return {codes.slice(0, 0, at::nullopt, 2) * 16 + codes.slice(0, 1, at::nullopt, 2), absmax};
}

void plain::dequantize_4bit(const at::Tensor& codes, const at::Tensor& absmax, bool nf4,
                            std::int64_t block_size, std::int64_t first, const at::Tensor& y) {
  const std::int64_t last = first + y.numel(), start = first / 2 * 2;
  const at::Tensor bytes = codes.slice(0, first / 2, divided_up(last, 2));
  const at::Tensor both = at::stack({bytes.bitwise_right_shift(4), bytes.bitwise_and(15)}, 1).view(-1);
  const at::Tensor values = table(four_bit_codes(nf4).values, codes)
                                .index_select(0, both.slice(0, first - start, last - start).to(at::kInt));
  const std::int64_t before = first % block_size;
  y.copy_(
      (values * absmax.repeat_interleave(block_size).slice(0, before, before + y.numel())).view(y.sizes()));
}

constinit Operator<decltype(plain::quantize_4bit)> op::quantize_4bit("sift::quantize_4bit",
                                                                     plain::quantize_4bit);
constinit Operator<decltype(plain::dequantize_4bit)> op::dequantize_4bit("sift::dequantize_4bit",
                                                                         plain::dequantize_4bit);

std::int64_t QuantizedWeight::nbytes() const {
  std::size_t bytes = codes.nbytes() + absmax.nbytes();
  if (nested) bytes += nested->absmax.nbytes() + nested->map.nbytes();
  return static_cast<std::int64_t>(bytes);
}

QuantizedWeight QuantizedWeight::to(at::Device device) && {
  QuantizedWeight moved = std::move(*this);
  moved.codes = moved.codes.to(device);
  moved.absmax = moved.absmax.to(device);
  if (moved.nested) {
    moved.nested->absmax = moved.nested->absmax.to(device);
    moved.nested->map = moved.nested->map.to(device);
  }
  return moved;
}

QuantizedWeight quantize_4bit(const at::Tensor& weight_oi, QuantizedWeight::Kind kind, bool nested,
                              std::int64_t block_size) {
  const at::Tensor numbers = weight_oi.detach().contiguous().view(-1);
  const std::int64_t count = numbers.numel();
  QuantizedWeight out;
  out.kind = kind;
  out.shape = weight_oi.sizes().vec();
  out.block_size = block_size;
  out.dtype = weight_oi.scalar_type();
  out.codes = at::empty({divided_up(count, 2)}, numbers.options().dtype(at::kByte));
  out.absmax = at::empty({divided_up(count, block_size)}, numbers.options().dtype(at::kFloat));
  for (std::int64_t begin = 0; begin < count; begin += kPart) {
    const at::Tensor part = numbers.slice(0, begin, begin + kPart).to(at::kFloat);
    const auto [codes, absmax] = op::quantize_4bit(part, kind == QuantizedWeight::Kind::kNf4, block_size);
    out.codes.narrow(0, begin / 2, codes.numel()).copy_(codes);
    out.absmax.narrow(0, begin / block_size, absmax.numel()).copy_(absmax);
  }
  if (nested) quantize_absmax(out, out.absmax);
  return out;
}

void dequantize_rows(const QuantizedWeight& weight, std::int64_t first, const at::Tensor& rows) {
  const std::int64_t begin = first * weight.in_features(), end = begin + rows.numel();
  const at::Tensor absmax =
      absmax_of_blocks(weight, begin / weight.block_size, divided_up(end, weight.block_size));
  op::dequantize_4bit(weight.codes, absmax, weight.kind == QuantizedWeight::Kind::kNf4, weight.block_size,
                      begin, rows);
}

at::Tensor dequantize(const QuantizedWeight& weight, at::ScalarType dtype) {
  at::Tensor weight_oi = at::empty(weight.shape, weight.codes.options().dtype(dtype));
  dequantize_rows(weight, 0, weight_oi);
  return weight_oi;
}

}  // namespace sift
