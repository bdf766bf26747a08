#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace optimizers {

/// The number of values that share a scale.
inline constexpr std::int64_t kBlockSize = 256;

/// The values that the 256 codes of a byte stand for: float32 [256], ascending, the largest 1. Fine near 0 and
/// coarse near 1 (dynamic tree quantization, arXiv 1511.04561), as create_dynamic_map of bitsandbytes.
at::Tensor dynamic_map(bool is_signed);

/// A tensor in 8 bits: a code for each value and a scale, its largest magnitude, for each block of values in
/// their order in memory. The last block may be shorter.
struct BlockQuantized {
  at::Tensor codes;   ///< uint8, of the shape of the values
  at::Tensor absmax;  ///< float32 [blocks]
  at::Tensor map;     ///< see dynamic_map()

  /// Of zeros, for values of the shape and the device of `like`.
  static BlockQuantized zeros(const at::Tensor& like, const at::Tensor& map);
  /// Float32.
  at::Tensor dequantized() const;
  /// Takes the nearest code for each value; float32, contiguous.
  void store(const at::Tensor& values) const;
};

}  // namespace optimizers
