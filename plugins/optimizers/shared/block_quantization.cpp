#include "shared/block_quantization.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace optimizers {
namespace {

constexpr std::int64_t kNumCells = 65536;
constexpr double kHalfOfCells = 32767.5;

/// [blocks, kBlockSize]; the last block is filled with zeros.
at::Tensor in_blocks(const at::Tensor& values) {
  const at::Tensor flat = values.reshape({-1});
  const std::int64_t rest = flat.numel() % kBlockSize;
  const at::Tensor full = rest == 0 ? flat : at::constant_pad_nd(flat, {0, kBlockSize - rest});
  return full.view({-1, kBlockSize});
}

/// Undoes in_blocks().
at::Tensor shaped_as(const at::Tensor& like, const at::Tensor& blocks) {
  return blocks.reshape({-1}).narrow(0, 0, like.numel()).view(like.sizes());
}

/// float32 [256].
at::Tensor values_of_codes(bool is_signed) {
  constexpr int kExponents = 7;
  std::vector<float> values{0.0F, 1.0F};
  for (int exponent = 0; exponent < kExponents; ++exponent) {
    const std::int64_t num_values = std::int64_t{1} << (is_signed ? exponent : exponent + 1);
    const at::Tensor bounds = at::linspace(0.1, 1.0, num_values + 1, at::kFloat);
    const at::Tensor means = (bounds.narrow(0, 0, num_values) + bounds.narrow(0, 1, num_values)) / 2.0;
    const at::Tensor scaled = means * std::pow(10.0, exponent - (kExponents - 1));
    for (std::int64_t i = 0; i < num_values; ++i) {
      values.push_back(scaled[i].item<float>());
      if (is_signed) values.push_back(-values.back());
    }
  }
  std::ranges::sort(values);
  return at::tensor(values);
}

}  // namespace

DynamicMap DynamicMap::make(bool is_signed) {
  const at::Tensor values = values_of_codes(is_signed);
  const std::int64_t last = values.numel() - 1;
  const at::Tensor midpoints = (values.narrow(0, 0, last) + values.narrow(0, 1, last)) / 2.0;
  const at::Tensor cells = at::arange(kNumCells, at::kFloat) / kHalfOfCells - 1.0;
  return {values, at::bucketize(cells, midpoints).to(at::kByte)};
}

BlockQuantized BlockQuantized::zeros(const at::Tensor& like, const DynamicMap& map) {
  const std::int64_t num_blocks = (like.numel() + kBlockSize - 1) / kBlockSize;
  const at::TensorOptions options = at::TensorOptions().device(like.device());
  return {at::zeros(like.sizes(), options.dtype(at::kByte)),
          at::zeros({num_blocks}, options.dtype(at::kFloat)), map.to(like.device())};
}

at::Tensor BlockQuantized::dequantized() const {
  const at::Tensor values = map.values.index_select(0, in_blocks(codes).reshape({-1}).to(at::kInt));
  return shaped_as(codes, values.view({-1, kBlockSize}).mul_(absmax.unsqueeze(1)));
}

void BlockQuantized::store(const at::Tensor& values) const {
  const at::Tensor blocks = in_blocks(values);
  absmax.copy_(blocks.abs().amax(1));
  const at::Tensor scale = absmax.reciprocal().masked_fill_(absmax == 0, 0.0).unsqueeze(1);
  const at::Tensor cells = (blocks * scale).add_(1.0).mul_(kHalfOfCells).add_(0.5).nan_to_num_();
  const at::Tensor numbers = cells.clamp_(0, kNumCells - 1).to(at::kInt).view({-1});
  codes.copy_(shaped_as(codes, map.codes.index_select(0, numbers)));
}

}  // namespace optimizers
