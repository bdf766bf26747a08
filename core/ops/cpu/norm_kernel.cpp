#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "ops/cpu/kernels.h"
#include "ops/cpu/vector.h"

namespace sift::cpu {
namespace {

// Rows of a partial sum of the weight's gradient: fixed, so that the sum does not depend on the number of
// threads.
constexpr std::int64_t kRowsOfPart = 64;

/// sum_h f(i), where f gives the terms from i on.
template <class T, class Terms>
T sum_terms(std::int64_t size, const Terms& terms) {
  Vec<T> even(T(0)), odd(T(0));
  std::int64_t i = 0;
  for (; i + 2 * kLanes<T> <= size; i += 2 * kLanes<T>) {
    even = even + terms(i, kLanes<T>);
    odd = odd + terms(i + kLanes<T>, kLanes<T>);
  }
  for (; i < size; i += kLanes<T>) even = even + terms(i, lanes<T>(i, size));
  return sum_of(even + odd);
}

template <class T>
Vec<T> load(const T* data, int count) {
  return count == kLanes<T> ? Vec<T>::loadu(data) : Vec<T>::loadu(data, count);
}

template <class T>
void backward_row(std::int64_t size, const T* grad_h, const T* x_h, const T* w_h, T rstd, T* grad_x_h,
                  T* grad_w_h) {
  const T dot = sum_terms<T>(
      size, [&](std::int64_t i, int n) { return load(grad_h + i, n) * load(w_h + i, n) * load(x_h + i, n); });
  const Vec<T> r(rstd), inward(dot * rstd * rstd * rstd / static_cast<T>(size));
  for (std::int64_t i = 0; i < size; i += kLanes<T>) {
    const int n = lanes<T>(i, size);
    const Vec<T> x = load(x_h + i, n), scaled_grad = load(grad_h + i, n) * r;
    (scaled_grad * load(w_h + i, n) - x * inward).store(grad_x_h + i, n);
    (load(grad_w_h + i, n) + scaled_grad * x).store(grad_w_h + i, n);
  }
}

}  // namespace

template <class T>
void rms_norm(std::int64_t rows, std::int64_t size, const T* x_nh, const T* w_h, T eps, T* y_nh, T* rstd_n) {
  at::parallel_for(0, rows, kRowsOfPart, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const x_h = x_nh + row * size;
      const T squares = sum_terms<T>(size, [&](std::int64_t i, int n) {
        const Vec<T> x = load(x_h + i, n);
        return x * x;
      });
      rstd_n[row] = T(1) / std::sqrt(squares / static_cast<T>(size) + eps);
      const Vec<T> r(rstd_n[row]);
      for (std::int64_t i = 0; i < size; i += kLanes<T>) {
        const int n = lanes<T>(i, size);
        (load(x_h + i, n) * r * load(w_h + i, n)).store(y_nh + row * size + i, n);
      }
    }
  });
}

template <class T>
void rms_norm_backward(std::int64_t rows, std::int64_t size, const T* grad_nh, const T* x_nh, const T* w_h,
                       const T* rstd_n, T* grad_x_nh, T* grad_w_h) {
  const std::int64_t parts = (rows + kRowsOfPart - 1) / kRowsOfPart;
  std::vector<T> sums_ph(static_cast<std::size_t>(parts * size), T(0));
  at::parallel_for(0, parts, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin * kRowsOfPart; row < std::min(rows, end * kRowsOfPart); ++row) {
      backward_row(size, grad_nh + row * size, x_nh + row * size, w_h, rstd_n[row], grad_x_nh + row * size,
                   sums_ph.data() + row / kRowsOfPart * size);
    }
  });
  std::fill(grad_w_h, grad_w_h + size, T(0));
  for (std::int64_t part = 0; part < parts; ++part) {
    for (std::int64_t i = 0; i < size; ++i) grad_w_h[i] += sums_ph[static_cast<std::size_t>(part * size + i)];
  }
}

template void rms_norm<float>(std::int64_t, std::int64_t, const float*, const float*, float, float*, float*);
template void rms_norm<double>(std::int64_t, std::int64_t, const double*, const double*, double, double*,
                               double*);
template void rms_norm_backward<float>(std::int64_t, std::int64_t, const float*, const float*, const float*,
                                       const float*, float*, float*);
template void rms_norm_backward<double>(std::int64_t, std::int64_t, const double*, const double*,
                                        const double*, const double*, double*, double*);

}  // namespace sift::cpu
