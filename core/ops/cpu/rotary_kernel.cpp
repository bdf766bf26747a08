#include <ATen/Parallel.h>

#include <algorithm>

#include "ops/cpu/kernels.h"
#include "ops/cpu/vector.h"

namespace sift::cpu {
namespace {

constexpr std::int64_t kTokensOfPart = 16;

void turn(std::int64_t half, const float* x_d, const float* cos_f, const float* sin_f, float sign,
          float* y_d) {
  const Vec s(sign);
  for (std::int64_t i = 0; i < half; i += kLanes) {
    const int n = lanes(i, half);
    const Vec a = Vec::loadu(x_d + i, n), b = Vec::loadu(x_d + half + i, n);
    const Vec cos = Vec::loadu(cos_f + i, n), sin = Vec::loadu(sin_f + i, n) * s;
    (a * cos - b * sin).store(y_d + i, n);
    (b * cos + a * sin).store(y_d + half + i, n);
  }
}

}  // namespace

void rotary(std::int64_t tokens, std::int64_t heads, std::int64_t size, std::int64_t half, const float* x_nad,
            const float* cos_nf, const float* sin_nf, float sign, float* y_nad) {
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

}  // namespace sift::cpu
