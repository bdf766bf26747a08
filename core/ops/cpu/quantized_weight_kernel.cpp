#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "ops/cpu/kernels.h"
#include "ops/cpu/vector.h"
#include "ops/four_bit_codes.h"

namespace sift::cpu {
namespace {

// Numbers of a part that one thread works on; a multiple of all block sizes.
constexpr std::int64_t kPart = 1 << 14;

unsigned code_at(const std::uint8_t* codes, std::int64_t i) {
  return i % 2 == 0 ? codes[i / 2] >> 4U : codes[i / 2] & 15U;
}

#if defined(CPU_CAPABILITY_AVX2)

/// A table of 16 numbers that is read at eight places at once.
class Table {
 public:
  explicit Table(const float* numbers)
      : low_(_mm256_loadu_ps(numbers)), high_(_mm256_loadu_ps(numbers + 8)) {}
  /// Only the last four bits of each place count.
  __m256 look_up(__m256i places) const {
    return _mm256_blendv_ps(_mm256_permutevar8x32_ps(low_, places), _mm256_permutevar8x32_ps(high_, places),
                            _mm256_castsi256_ps(_mm256_slli_epi32(places, 28)));
  }

 private:
  __m256 low_, high_;
};

/// The numbers of eight codes, the first of which is the high half of bytes[0].
__m256 numbers_of(const Table& table, const std::uint8_t* bytes) {
  std::int32_t eight = 0;
  std::memcpy(&eight, bytes, sizeof(eight));
  const __m256i shifts = _mm256_setr_epi32(4, 0, 12, 8, 20, 16, 28, 24);
  return table.look_up(_mm256_srlv_epi32(_mm256_set1_epi32(eight), shifts));
}

void store(__m256 numbers, float* y) {
  _mm256_storeu_ps(y, numbers);
}
void store(__m256 numbers, at::BFloat16* y) {
  const Vec<float> both(numbers);
  at::vec::convert_from_float<at::BFloat16>(both, both).store(y, 8);
}

/// Codes of eight scaled numbers, as bytes of two.
void store_codes(const Table& bounds, __m256i order_bytes, __m256 scaled, std::uint8_t* codes) {
  __m256i place = _mm256_setzero_si256();
  for (const int step : {8, 4, 2, 1}) {  // a NaN is above every bound
    const __m256i middle = _mm256_add_epi32(place, _mm256_set1_epi32(step - 1));
    const __m256i above = _mm256_castps_si256(_mm256_cmp_ps(bounds.look_up(middle), scaled, _CMP_NGE_UQ));
    place = _mm256_add_epi32(place, _mm256_and_si256(above, _mm256_set1_epi32(step)));
  }
  const __m256i code = _mm256_shuffle_epi8(order_bytes, place);  // its upper bytes become order[0]
  const __m256i low_bytes = _mm256_and_si256(code, _mm256_set1_epi32(15));
  const __m256i halves = _mm256_sllv_epi32(low_bytes, _mm256_setr_epi32(4, 0, 4, 0, 4, 0, 4, 0));
  alignas(32) std::uint32_t half[8];
  _mm256_store_si256(reinterpret_cast<__m256i*>(half), halves);
  for (int i = 0; i < 4; ++i) codes[i] = static_cast<std::uint8_t>(half[2 * i] | half[2 * i + 1]);
}

#endif

/// Codes and absmax of the blocks of a part.
class Quantizer {
 public:
  Quantizer(bool nf4, std::int64_t block_size) : type_(four_bit_codes(nf4)), block_size_(block_size) {
    for (std::size_t i = 0; i < 15; ++i) bounds_[i] = type_.bound(i);
  }

  void block(const float* x, std::uint8_t* codes, float* absmax) const {
    Vec<float> largest(0.0f);
    for (std::int64_t i = 0; i < block_size_; i += kLanes<float>)
      largest = at::vec::maximum(largest, Vec<float>::loadu(x + i).abs());
    *absmax = at::vec::vec_reduce_all<float>(
        [](const Vec<float>& a, const Vec<float>& b) { return at::vec::maximum(a, b); }, largest);
    const float factor = 1.0f / std::max(*absmax, kLeastAbsmax);
#if defined(CPU_CAPABILITY_AVX2)
    const Table bounds(bounds_);
    const __m256i order =
        _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(type_.order.data())));
    for (std::int64_t i = 0; i < block_size_; i += 8)
      store_codes(bounds, order, _mm256_mul_ps(_mm256_loadu_ps(x + i), _mm256_set1_ps(factor)),
                  codes + i / 2);
#else
    scalar(block_size_, codes, [&](std::int64_t i) { return x[i] * factor; });
#endif
  }

  /// The last block, which is not full: really divided, and never of absmax 0.
  void rest(std::int64_t count, const float* x, std::uint8_t* codes, float* absmax) const {
    float largest = 0.0f;
    for (std::int64_t i = 0; i < count; ++i) {
      if (!(std::abs(x[i]) <= largest)) largest = std::abs(x[i]);
    }
    *absmax = std::max(largest, kLeastAbsmax);
    scalar(count, codes, [&](std::int64_t i) { return x[i] / *absmax; });
  }

 private:
  // bitsandbytes' bound, so that a block of zeros divides by something
  static constexpr float kLeastAbsmax = 1e-38f;

  unsigned code_of(float scaled) const {
    std::size_t place = 0;
    while (place < 15 && !(bounds_[place] >= scaled)) ++place;
    return type_.order[place];
  }
  /// An odd number of numbers is followed by a 0.
  template <class Scaled>
  void scalar(std::int64_t count, std::uint8_t* codes, const Scaled& scaled) const {
    for (std::int64_t i = 0; i < count; i += 2) {
      const unsigned second = code_of(i + 1 < count ? scaled(i + 1) : 0.0f);
      codes[i / 2] = static_cast<std::uint8_t>(code_of(scaled(i)) << 4U | second);
    }
  }

  const FourBitCodes& type_;
  std::int64_t block_size_;
  float bounds_[16] = {};
};

/// Numbers [begin, end) of one block.
template <class T>
void dequantize_block(const std::uint8_t* codes, float absmax, const FourBitCodes& type, std::int64_t begin,
                      std::int64_t end, T* y) {
  const auto scalar = [&](std::int64_t i) { return static_cast<T>(type.values[code_at(codes, i)] * absmax); };
  std::int64_t i = begin;
  if (i % 2 != 0 && i < end) *y++ = scalar(i++);
#if defined(CPU_CAPABILITY_AVX2)
  const Table table(type.values.data());
  const __m256 factor = _mm256_set1_ps(absmax);
  for (; i + 8 <= end; i += 8, y += 8) store(_mm256_mul_ps(numbers_of(table, codes + i / 2), factor), y);
#endif
  while (i < end) *y++ = scalar(i++);
}

}  // namespace

void quantize_4bit(std::int64_t count, const float* x, bool nf4, std::int64_t block_size, std::uint8_t* codes,
                   float* absmax) {
  const Quantizer quantizer(nf4, block_size);
  const std::int64_t full = count / block_size;
  at::parallel_for(0, full, std::max<std::int64_t>(1, kPart / block_size),
                   [&](std::int64_t begin, std::int64_t end) {
                     for (std::int64_t b = begin; b < end; ++b)
                       quantizer.block(x + b * block_size, codes + b * block_size / 2, absmax + b);
                   });
  const std::int64_t done = full * block_size;
  if (done < count) quantizer.rest(count - done, x + done, codes + done / 2, absmax + full);
}

template <class T>
void dequantize_4bit(const std::uint8_t* codes, const float* absmax, bool nf4, std::int64_t block_size,
                     std::int64_t first, std::int64_t count, T* y) {
  const FourBitCodes& type = four_bit_codes(nf4);
  const std::int64_t last = first + count, first_block = first / block_size;
  const std::int64_t blocks = (last + block_size - 1) / block_size - first_block;
  at::parallel_for(0, blocks, std::max<std::int64_t>(1, kPart / block_size),
                   [&](std::int64_t begin_block, std::int64_t end_block) {
                     for (std::int64_t b = begin_block; b < end_block; ++b) {
                       const std::int64_t start = (first_block + b) * block_size;
                       const std::int64_t begin = std::max(first, start),
                                          end = std::min(last, start + block_size);
                       dequantize_block(codes, absmax[b], type, begin, end, y + (begin - first));
                     }
                   });
}

template void dequantize_4bit<float>(const std::uint8_t*, const float*, bool, std::int64_t, std::int64_t,
                                     std::int64_t, float*);
template void dequantize_4bit<at::BFloat16>(const std::uint8_t*, const float*, bool, std::int64_t,
                                            std::int64_t, std::int64_t, at::BFloat16*);

}  // namespace sift::cpu
