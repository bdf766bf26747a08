#pragma once

#include <ATen/cpu/vec/functional.h>
#include <ATen/cpu/vec/vec.h>

#include <algorithm>
#include <cstdint>

// Only for the files that are compiled for AVX2, see kernels.h.

namespace sift::cpu {

template <class T>
using Vec = at::vec::Vectorized<T>;

template <class T>
constexpr std::int64_t kLanes = Vec<T>::size();

/// How many of the numbers from i on one vector takes: all its lanes, except at the end.
template <class T>
int lanes(std::int64_t i, std::int64_t size) {
  return static_cast<int>(std::min(kLanes<T>, size - i));
}

/// exp(x), wrong by at most two units in the last place; 0 where that would be less than the smallest normal
/// number. Vec::exp calls a function for every vector, this one is inlined.
inline Vec<float> exp_of(const Vec<float>& x) {
#if defined(CPU_CAPABILITY_AVX2)
  // x = n log 2 + r with |r| <= log(2) / 2. A NaN stays one: max and min give their second operand for it.
  const __m256 clamped =
      _mm256_max_ps(_mm256_set1_ps(-87.33654f), _mm256_min_ps(_mm256_set1_ps(89.0f), __m256(x)));
  const __m256 n = _mm256_round_ps(_mm256_mul_ps(clamped, _mm256_set1_ps(1.44269504f)),
                                   _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  // log 2 in two parts, of which the first times n is exact
  __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375f), clamped);
  r = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.12194440e-4f), r);
  // the series of exp to the sixth power
  __m256 p = _mm256_set1_ps(1.0f / 720.0f);
  for (const float c : {1.0f / 120.0f, 1.0f / 24.0f, 1.0f / 6.0f, 0.5f, 1.0f, 1.0f}) {
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(c));
  }
  // 2^n as 2^(n / 2) twice, since n goes up to 128
  const __m256i whole = _mm256_cvtps_epi32(n), half = _mm256_srai_epi32(whole, 1);
  const auto power = [](__m256i e) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(e, _mm256_set1_epi32(127)), 23));
  };
  p = _mm256_mul_ps(_mm256_mul_ps(p, power(half)), power(_mm256_sub_epi32(whole, half)));
  const __m256 tiny = _mm256_cmp_ps(__m256(x), _mm256_set1_ps(-87.33654f), _CMP_LT_OQ);
  return _mm256_andnot_ps(tiny, p);
#else
  return x.exp();
#endif
}

inline Vec<double> exp_of(const Vec<double>& x) {
  return x.exp();
}

template <class T>
T sum_of(const Vec<T>& v) {
  return at::vec::vec_reduce_all<T>([](const Vec<T>& a, const Vec<T>& b) { return a + b; }, v);
}

}  // namespace sift::cpu
