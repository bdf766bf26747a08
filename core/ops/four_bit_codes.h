#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sift {

/// A type of 4 bits: sixteen numbers from -1 to 1, of which a block of weights is a multiple.
struct FourBitCodes {
  std::array<float, 16> values;        ///< what each code means
  std::array<std::uint8_t, 16> order;  ///< the codes in ascending order of their values

  /// The bound between the i-th smallest value and the next one, in the middle. A number belongs to the first
  /// value whose bound is not below it.
  constexpr float bound(std::size_t i) const { return (values[order[i]] + values[order[i + 1]]) / 2.0f; }
};

/// NF4 (arXiv 2305.14314): quantiles of the normal distribution, so that weights use all codes equally.
inline constexpr FourBitCodes kNf4Codes = {
    {-1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f,
     -0.18477343022823334f, -0.09105003625154495f, 0.0f, 0.07958029955625534f, 0.16093020141124725f,
     0.24611230194568634f, 0.33791524171829224f, 0.44070982933044434f, 0.5626170039176941f,
     0.7229568362236023f, 1.0f},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};

/// FP4: a sign, two bits of exponent and one of mantissa; twelve times the values are 0, 1/16, 2, 3, 4, 6, 8
/// and 12. Code 8 is -0, code 0 is +0; numbers up to 0 get the first of the two.
inline constexpr FourBitCodes kFp4Codes = {
    {0.0f, 0.0625f / 12, 8.0f / 12, 1.0f, 4.0f / 12, 6.0f / 12, 2.0f / 12, 3.0f / 12, -0.0f, -0.0625f / 12,
     -8.0f / 12, -1.0f, -4.0f / 12, -6.0f / 12, -2.0f / 12, -3.0f / 12},
    {11, 10, 13, 12, 15, 14, 9, 0, 8, 1, 6, 7, 4, 5, 2, 3}};

inline constexpr const FourBitCodes& four_bit_codes(bool nf4) {
  return nf4 ? kNf4Codes : kFp4Codes;
}

}  // namespace sift
