#include <ATen/Parallel.h>

#include <algorithm>

#include "ops/cpu/kernels.h"
#include "ops/cpu/vector.h"

namespace sift::cpu {
namespace {

constexpr std::int64_t kTokensOfPart = 16;

template <class T>
void turn(std::int64_t half, const T* x_d, const T* cos_f, const T* sin_f, T sign, T* y_d) {
  const Vec<T> s(sign);
  for (std::int64_t i = 0; i < half; i += kLanes<T>) {
    const int n = lanes<T>(i, half);
    const Vec<T> a = Vec<T>::loadu(x_d + i, n), b = Vec<T>::loadu(x_d + half + i, n);
    const Vec<T> cos = Vec<T>::loadu(cos_f + i, n), sin = Vec<T>::loadu(sin_f + i, n) * s;
    (a * cos - b * sin).store(y_d + i, n);
    (b * cos + a * sin).store(y_d + half + i, n);
  }
}

}  // namespace

template <class T>
void rotary(std::int64_t tokens, std::int64_t heads, std::int64_t size, std::int64_t half, const T* x_nad,
            const T* cos_nf, const T* sin_nf, T sign, T* y_nad) {
  at::parallel_for(0, tokens, kTokensOfPart, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t token = begin; token < end; ++token) {
      for (std::int64_t head = 0; head < heads; ++head) {
        const std::int64_t first = (token * heads + head) * size;
        turn(half, x_nad + first, cos_nf + token * half, sin_nf + token * half, sign, y_nad + first);
        std::copy(x_nad + first + 2 * half, x_nad + first + size, y_nad + first + 2 * half);
      }
    }
  });
}

template void rotary<float>(std::int64_t, std::int64_t, std::int64_t, std::int64_t, const float*,
                            const float*, const float*, float, float*);
template void rotary<double>(std::int64_t, std::int64_t, std::int64_t, std::int64_t, const double*,
                             const double*, const double*, double, double*);

}  // namespace sift::cpu
