#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace sift {

/// A weight in 4 bits, to the bit as bitsandbytes quantises it on a CPU and stores it. Its numbers, row after
/// row, are in blocks; a number is the value of its code times the largest absolute value of its block.
struct QuantizedWeight {
  enum class Kind { kNf4, kFp4 };

  /// With double quantisation, the absmax of block b is map[absmax[b]] * nested.absmax[b / 256] + offset.
  struct Nested {
    static constexpr std::int64_t kBlockSize = 256;
    at::Tensor absmax;    ///< float32 [ceil(blocks / 256)]
    at::Tensor map;       ///< float32 [256], ascending
    float offset = 0.0f;  ///< the mean of the absmax values
  };

  Kind kind = Kind::kNf4;
  std::vector<std::int64_t> shape;  ///< [out, in]
  at::Tensor codes;                 ///< uint8 [ceil(out * in / 2)]; the even number is in the high half
  at::Tensor absmax;                ///< [blocks]: float32, or uint8 with double quantisation
  std::int64_t block_size = 64;     ///< a power of 2 from 32 to 4,096; the last block may be smaller
  std::optional<Nested> nested;
  at::ScalarType dtype = at::kFloat;  ///< of the weight that was quantised: float32, bfloat16 or float16

  std::int64_t out_features() const { return shape[0]; }
  std::int64_t in_features() const { return shape[1]; }
  std::int64_t nbytes() const;  ///< memory of all its tensors
  QuantizedWeight to(at::Device device) &&;
};

/// `weight_oi`: float32, bfloat16 or float16, on any device. `nested`: double quantisation. Needs a few MB
/// besides the result.
QuantizedWeight quantize_4bit(const at::Tensor& weight_oi, QuantizedWeight::Kind kind, bool nested,
                              std::int64_t block_size = 64);

/// [out, in]: the products are computed in float32 and rounded to `dtype` once.
at::Tensor dequantize(const QuantizedWeight& weight, at::ScalarType dtype);
/// Rows [first, first + rows.size(0)) to the contiguous `rows`, [R, in] of any floating-point type.
void dequantize_rows(const QuantizedWeight& weight, std::int64_t first, const at::Tensor& rows);

}  // namespace sift
