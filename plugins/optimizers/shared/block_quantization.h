#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace optimizers {

/// The number of values that share a scale.
inline constexpr std::int64_t kBlockSize = 256;

/// What the 256 codes of a byte stand for: fine near 0 and coarse near 1 (dynamic tree quantization, arXiv
/// 1511.04561), as create_dynamic_map of bitsandbytes.
struct DynamicMap {
  at::Tensor values;  ///< float32 [256], ascending, the largest 1
  /// uint8 [65536]: the nearest code of each of as many numbers from -1 to 1 at equal distances.
  at::Tensor codes;

  static DynamicMap make(bool is_signed);
  DynamicMap to(at::Device device) const { return {values.to(device), codes.to(device)}; }
};

/// A tensor in 8 bits: a code for each value and a scale, its largest magnitude, for each block of values in
/// their order in memory. The last block may be shorter.
struct BlockQuantized {
  at::Tensor codes;   ///< uint8, of the shape of the values
  at::Tensor absmax;  ///< float32 [blocks]
  DynamicMap map;

  /// Of zeros, for values of the shape and the device of `like`.
  static BlockQuantized zeros(const at::Tensor& like, const DynamicMap& map);
  /// Float32.
  at::Tensor dequantized() const;
  /// Takes the nearest code for each value, over its scale and rounded to 16 bits, as bitsandbytes does on a
  /// CPU; float32. So a small value that is not 0 does not become 0, which a second moment must not.
  void store(const at::Tensor& values) const;
};

}  // namespace optimizers
