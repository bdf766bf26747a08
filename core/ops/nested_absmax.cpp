#include "ops/nested_absmax.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace sift {
namespace {

constexpr std::int64_t kBlockSize = QuantizedWeight::Nested::kBlockSize;

/// The 256 values of 8 bits of arXiv 1511.04561: seven decades, each with twice as many values as the one
/// below it, both signs, 0 and 1. Float32 [256], ascending.
at::Tensor dynamic_map() {
  std::vector<at::Tensor> parts = {at::tensor({0.0f, 1.0f})};
  for (int i = 0; i < 7; ++i) {
    const at::Tensor bounds = at::linspace(0.1, 1.0, (std::int64_t{1} << i) + 1);
    const at::Tensor means = (bounds.slice(0, 0, -1) + bounds.slice(0, 1)) / 2.0;
    const double decade = std::pow(10.0, i - 6);
    parts.push_back(means * decade);
    parts.push_back(means * -decade);
  }
  return std::get<0>(at::cat(parts).sort());
}

/// bitsandbytes finds the value next to x in a table of this many places from -1 to 1, so x is rounded first.
constexpr int kPlaces = 65536;

std::vector<std::uint8_t> code_of_place(const at::Tensor& map) {
  const float* const values = map.const_data_ptr<float>();
  std::vector<std::uint8_t> codes(kPlaces);
  int code = 0;
  for (int i = 0; i < kPlaces; ++i) {
    const float x = -1.0f + 2.0f * static_cast<float>(i) / (kPlaces - 1);
    while (code < 255 && 0.5f * (values[code] + values[code + 1]) < x) ++code;
    codes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(code);
  }
  return codes;
}

/// LibTorch's mean of a large tensor depends on the number of threads, except inside a parallel region.
float mean_on_one_thread(const at::Tensor& values) {
  float mean = 0.0f;
  at::parallel_for(0, 2, 1, [&](std::int64_t begin, std::int64_t) {
    if (begin == 0) mean = values.mean().item<float>();
  });
  return mean;
}

}  // namespace

void quantize_absmax(QuantizedWeight& weight, const at::Tensor& absmax) {
  const at::Tensor on_host = absmax.cpu();
  const at::Tensor map = dynamic_map();
  const std::vector<std::uint8_t> codes = code_of_place(map);
  const float offset = mean_on_one_thread(on_host);
  const at::Tensor centred = on_host - offset;
  const std::int64_t count = centred.numel(), blocks = (count + kBlockSize - 1) / kBlockSize;
  const at::Tensor stored = at::empty({count}, at::kByte), block_absmax = at::empty({blocks});
  const float* const x = centred.const_data_ptr<float>();
  auto* const out = stored.data_ptr<std::uint8_t>();
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t begin = block * kBlockSize, end = std::min(count, begin + kBlockSize);
    float largest = 0.0f;
    for (std::int64_t i = begin; i < end; ++i) largest = std::max(largest, std::abs(x[i]));
    block_absmax.data_ptr<float>()[block] = largest;
    const float inverse = 1.0f / largest;
    for (std::int64_t i = begin; i < end; ++i) {
      const float place = (std::clamp(x[i] * inverse, -1.0f, 1.0f) + 1.0f) * 0.5f * (kPlaces - 1) + 0.5f;
      // 0 in a block of zeros, where any code would do, and for a NaN
      out[i] = place >= 0.0f ? codes[static_cast<std::size_t>(place)] : 0;
    }
  }
  const auto device = absmax.device();
  weight.absmax = stored.to(device);
  weight.nested = QuantizedWeight::Nested{block_absmax.to(device), map.to(device), offset};
}

at::Tensor absmax_of_blocks(const QuantizedWeight& weight, std::int64_t first, std::int64_t last) {
  at::Tensor stored = weight.absmax.slice(0, first, last);
  if (!weight.nested) return stored;
  const at::Tensor numbers = weight.nested->map.index_select(0, stored.to(at::kInt));
  const std::int64_t outer = first / kBlockSize;
  const at::Tensor factors = weight.nested->absmax.slice(0, outer, (last + kBlockSize - 1) / kBlockSize)
                                 .repeat_interleave(kBlockSize);
  const std::int64_t start = first - outer * kBlockSize;
  return numbers.mul_(factors.slice(0, start, start + last - first)).add_(weight.nested->offset);
}

}  // namespace sift
