#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "ops/cpu/kernels.h"
#include "ops/cpu/vector.h"

namespace sift::cpu {
namespace {

// Rows whose part of the weight's gradient is summed by itself: fixed, so that the sum is the same on any
// number of threads.
constexpr std::int64_t kRowsOfPart = 64;

/// sum_h f(i), where f gives the terms from i on.
template <class Terms>
float sum_terms(std::int64_t size, const Terms& terms) {
  Vec even(0.0f), odd(0.0f);
  std::int64_t i = 0;
  for (; i + 2 * kLanes <= size; i += 2 * kLanes) {
    even = even + terms(i, Vec::size());
    odd = odd + terms(i + kLanes, Vec::size());
  }
  for (; i < size; i += kLanes) even = even + terms(i, lanes(i, size));
  return sum_of(even + odd);
}

Vec load(const float* data, int count) {
  return count == Vec::size() ? Vec::loadu(data) : Vec::loadu(data, count);
}

void backward_row(std::int64_t size, const float* grad_h, const float* x_h, const float* w_h, float rstd,
                  float* grad_x_h, float* grad_w_h) {
  const float dot = sum_terms(
      size, [&](std::int64_t i, int n) { return load(grad_h + i, n) * load(w_h + i, n) * load(x_h + i, n); });
  const Vec r(rstd), inward(dot * rstd * rstd * rstd / static_cast<float>(size));
  for (std::int64_t i = 0; i < size; i += kLanes) {
    const int n = lanes(i, size);
    const Vec x = load(x_h + i, n), scaled_grad = load(grad_h + i, n) * r;
    (scaled_grad * load(w_h + i, n) - x * inward).store(grad_x_h + i, n);
    (load(grad_w_h + i, n) + scaled_grad * x).store(grad_w_h + i, n);
  }
}

}  // namespace

void rms_norm(std::int64_t rows, std::int64_t size, const float* x_nh, const float* w_h, float eps,
              float* y_nh, float* rstd_n) {
  at::parallel_for(0, rows, kRowsOfPart, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const float* const x_h = x_nh + row * size;
      const float squares = sum_terms(size, [&](std::int64_t i, int n) {
        const Vec x = load(x_h + i, n);
        return x * x;
      });
      rstd_n[row] = 1.0f / std::sqrt(squares / static_cast<float>(size) + eps);
      const Vec r(rstd_n[row]);
      for (std::int64_t i = 0; i < size; i += kLanes) {
        const int n = lanes(i, size);
        (load(x_h + i, n) * r * load(w_h + i, n)).store(y_nh + row * size + i, n);
      }
    }
  });
}

void rms_norm_backward(std::int64_t rows, std::int64_t size, const float* grad_nh, const float* x_nh,
                       const float* w_h, const float* rstd_n, float* grad_x_nh, float* grad_w_h) {
  const std::int64_t parts = (rows + kRowsOfPart - 1) / kRowsOfPart;
  std::vector<float> sums_ph(static_cast<std::size_t>(parts * size), 0.0f);
  at::parallel_for(0, parts, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin * kRowsOfPart; row < std::min(rows, end * kRowsOfPart); ++row) {
      backward_row(size, grad_nh + row * size, x_nh + row * size, w_h, rstd_n[row], grad_x_nh + row * size,
                   sums_ph.data() + row / kRowsOfPart * size);
    }
  });
  std::fill(grad_w_h, grad_w_h + size, 0.0f);
  for (std::int64_t part = 0; part < parts; ++part) {
    for (std::int64_t i = 0; i < size; ++i) grad_w_h[i] += sums_ph[static_cast<std::size_t>(part * size + i)];
  }
}

}  // namespace sift::cpu
