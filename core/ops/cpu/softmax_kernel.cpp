
#include <algorithm>
#include <cmath>

#include "ops/cpu/kernels.h"
#include "ops/cpu/vector.h"

namespace sift::cpu {
namespace {

// Numbers that are summed in float32 before the sum continues in double: over a vocabulary, a float32 sum
// would lose four digits.
constexpr std::int64_t kChain = 1024;

template <class T>
T max_of(std::int64_t size, const T* z_v) {
  return at::vec::reduce_all<T>([](const Vec<T>& a, const Vec<T>& b) { return at::vec::maximum(a, b); }, z_v,
                                size);
}

}  // namespace

// With m the row's maximum and s = sum exp(z - m), log Z = m + log s and the entropy is
// log Z - sum p z = log s - sum exp(z - m) (z - m) / s.
template <class T>
double softmax_row(std::int64_t size, T* z_v, std::int64_t target, RowStats<T>& stats) {
  const T max = max_of(size, z_v), target_logit = z_v[target];
  stats.is_top1 = target_logit == max && std::find(z_v, z_v + target, max) == z_v + target;
  double sum = 0.0, weighted = 0.0;
  const Vec<T> m(max);
  for (std::int64_t begin = 0; begin < size; begin += kChain) {
    const std::int64_t end = std::min(size, begin + kChain);
    Vec<T> sum_part(T(0)), weighted_part(T(0));
    std::int64_t i = begin;
    for (; i + kLanes<T> <= end; i += kLanes<T>) {
      const Vec<T> z = Vec<T>::loadu(z_v + i) - m, e = exp_of(z);
      e.store(z_v + i);
      sum_part = sum_part + e;
      weighted_part = at::vec::fmadd(e, z, weighted_part);
    }
    sum += sum_of(sum_part);
    weighted += sum_of(weighted_part);
    for (; i < end; ++i) {
      const T z = z_v[i] - max;
      z_v[i] = std::exp(z);
      sum += z_v[i];
      weighted += z_v[i] * z;
    }
  }
  const double log_sum = std::log(sum);
  stats.log_z = static_cast<T>(max + log_sum);
  stats.log_prob = static_cast<T>(target_logit - max - log_sum);
  stats.entropy = static_cast<T>(log_sum - weighted / sum);
  return sum;
}

template <class T>
void softmax_gradient_row(std::int64_t size, T* x_v, std::int64_t target, const RowGradient<T>& gradient) {
  const Vec<T> factor(gradient.factor), minus_even(-gradient.even);
  at::vec::map<T>([&](const Vec<T>& x) { return at::vec::fmadd(x, factor, minus_even); }, x_v, x_v, size);
  x_v[target] -= gradient.target_part;
}

template double softmax_row<float>(std::int64_t, float*, std::int64_t, RowStats<float>&);
template double softmax_row<double>(std::int64_t, double*, std::int64_t, RowStats<double>&);
template void softmax_gradient_row<float>(std::int64_t, float*, std::int64_t, const RowGradient<float>&);
template void softmax_gradient_row<double>(std::int64_t, double*, std::int64_t, const RowGradient<double>&);

}  // namespace sift::cpu
