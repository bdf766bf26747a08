#include <ATen/Parallel.h>
#include <ATen/cpu/vec/vec.h>

#include <algorithm>

#include "ops/cpu/kernels.h"

namespace sift::cpu {
namespace {

using Vec = at::vec::Vectorized<float>;
constexpr std::int64_t kGrain = 1 << 14;

/// The value and the slope of an activation.
struct Silu {
  static Vec value(const Vec& x) { return x / (Vec(1.0f) + x.neg().exp()); }
  static void both(const Vec& x, Vec& value, Vec& slope) {
    const Vec sigmoid = Vec(1.0f) / (Vec(1.0f) + x.neg().exp());
    value = x * sigmoid;
    slope = sigmoid + value * (Vec(1.0f) - sigmoid);
  }
};

/// x (1 + tanh(t)) / 2 with t = sqrt(2/pi) (x + 0.044715 x^3) (arXiv 1606.08415).
struct GeluTanh {
  static constexpr float kScale = 0.79788456080286536f, kCubic = 0.044715f;
  static Vec tanh_of(const Vec& x) { return ((x + Vec(kCubic) * x * x * x) * Vec(kScale)).tanh(); }
  static Vec value(const Vec& x) { return Vec(0.5f) * x * (Vec(1.0f) + tanh_of(x)); }
  static void both(const Vec& x, Vec& value, Vec& slope) {
    const Vec t = tanh_of(x), half(0.5f), one(1.0f);
    value = half * x * (one + t);
    const Vec inner = Vec(kScale) * (one + Vec(3.0f * kCubic) * x * x);
    slope = half * (one + t) + half * x * (one - t * t) * inner;
  }
};

template <class Activation>
void forward(std::int64_t count, const float* gate_i, const float* up_i, float* y_i) {
  at::parallel_for(0, count, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; i += Vec::size()) {
      const std::int64_t n = std::min<std::int64_t>(Vec::size(), end - i);
      (Activation::value(Vec::loadu(gate_i + i, n)) * Vec::loadu(up_i + i, n)).store(y_i + i, n);
    }
  });
}

template <class Activation>
void backward(std::int64_t count, const float* grad_i, const float* gate_i, const float* up_i,
              float* grad_gate_i, float* grad_up_i) {
  at::parallel_for(0, count, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; i += Vec::size()) {
      const std::int64_t n = std::min<std::int64_t>(Vec::size(), end - i);
      const Vec grad = Vec::loadu(grad_i + i, n);
      Vec value, slope;
      Activation::both(Vec::loadu(gate_i + i, n), value, slope);
      (grad * Vec::loadu(up_i + i, n) * slope).store(grad_gate_i + i, n);
      (grad * value).store(grad_up_i + i, n);
    }
  });
}

}  // namespace

void gated_unit(std::int64_t count, Gate gate, const float* gate_i, const float* up_i, float* y_i) {
  gate == Gate::kSilu ? forward<Silu>(count, gate_i, up_i, y_i) : forward<GeluTanh>(count, gate_i, up_i, y_i);
}

void gated_unit_backward(std::int64_t count, Gate gate, const float* grad_i, const float* gate_i,
                         const float* up_i, float* grad_gate_i, float* grad_up_i) {
  gate == Gate::kSilu ? backward<Silu>(count, grad_i, gate_i, up_i, grad_gate_i, grad_up_i)
                      : backward<GeluTanh>(count, grad_i, gate_i, up_i, grad_gate_i, grad_up_i);
}

}  // namespace sift::cpu
