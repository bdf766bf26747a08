
#include <algorithm>
#include <cmath>

#include "ops/cpu/kernels.h"
#include "ops/cpu/vector.h"

namespace sift::cpu {
namespace {

// Numbers that are added up in float32 before the sum goes on in double: one long chain of float32 would cost
// four digits over a vocabulary.
constexpr std::int64_t kChain = 1024;

float max_of(std::int64_t size, const float* z_v) {
  return at::vec::reduce_all<float>([](const Vec& a, const Vec& b) { return at::vec::maximum(a, b); }, z_v,
                                    size);
}

}  // namespace

// With m the row's maximum and s = sum exp(z - m), log Z = m + log s and the entropy is
// log Z - sum p z = log s - sum exp(z - m) (z - m) / s.
double softmax_row(std::int64_t size, float* z_v, std::int64_t target, RowStats& stats) {
  const float max = max_of(size, z_v), target_logit = z_v[target];
  stats.is_top1 = target_logit == max && std::find(z_v, z_v + target, max) == z_v + target;
  double sum = 0.0, weighted = 0.0;
  const Vec m(max);
  for (std::int64_t begin = 0; begin < size; begin += kChain) {
    const std::int64_t end = std::min(size, begin + kChain);
    Vec sum_part(0.0f), weighted_part(0.0f);
    std::int64_t i = begin;
    for (; i + kLanes <= end; i += kLanes) {
      const Vec z = Vec::loadu(z_v + i) - m, e = exp_of(z);
      e.store(z_v + i);
      sum_part = sum_part + e;
      weighted_part = at::vec::fmadd(e, z, weighted_part);
    }
    sum += sum_of(sum_part);
    weighted += sum_of(weighted_part);
    for (; i < end; ++i) {
      const float z = z_v[i] - max;
      z_v[i] = std::exp(z);
      sum += z_v[i];
      weighted += z_v[i] * z;
    }
  }
  const double log_sum = std::log(sum);
  stats.log_z = static_cast<float>(max + log_sum);
  stats.log_prob = static_cast<float>(target_logit - max - log_sum);
  stats.entropy = static_cast<float>(log_sum - weighted / sum);
  return sum;
}

void softmax_gradient_row(std::int64_t size, float* x_v, std::int64_t target, const RowGradient& gradient) {
  const Vec factor(gradient.factor), minus_even(-gradient.even);
  at::vec::map<float>([&](const Vec& x) { return at::vec::fmadd(x, factor, minus_even); }, x_v, x_v, size);
  x_v[target] -= gradient.target_part;
}

}  // namespace sift::cpu
