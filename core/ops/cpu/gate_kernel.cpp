#include <ATen/Parallel.h>

#include <algorithm>

#include "ops/cpu/kernels.h"
#include "ops/cpu/vector.h"

namespace sift::cpu {
namespace {

constexpr std::int64_t kGrain = 1 << 14;

/// The value and the slope of an activation.
struct Silu {
  static Vec value(const Vec& x) { return x / (Vec(1.0f) + exp_of(x.neg())); }
  static void both(const Vec& x, Vec& value, Vec& slope) {
    const Vec sigmoid = Vec(1.0f) / (Vec(1.0f) + exp_of(x.neg()));
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
void forward_row(std::int64_t size, const float* gate_i, const float* up_i, float* y_i) {
  for (std::int64_t i = 0; i < size; i += kLanes) {
    const int n = lanes(i, size);
    (Activation::value(Vec::loadu(gate_i + i, n)) * Vec::loadu(up_i + i, n)).store(y_i + i, n);
  }
}

template <class Activation>
void backward_row(std::int64_t size, const float* grad_i, const float* gate_i, const float* up_i,
                  float* grad_gate_i, float* grad_up_i) {
  for (std::int64_t i = 0; i < size; i += kLanes) {
    const int n = lanes(i, size);
    const Vec grad = Vec::loadu(grad_i + i, n);
    Vec value, slope;
    Activation::both(Vec::loadu(gate_i + i, n), value, slope);
    (grad * Vec::loadu(up_i + i, n) * slope).store(grad_gate_i + i, n);
    (grad * value).store(grad_up_i + i, n);
  }
}

template <class Work>
void each_row(const GateShape& shape, const Work& work) {
  const std::int64_t grain = std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, shape.size));
  at::parallel_for(0, shape.rows, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) work(row);
  });
}

}  // namespace

void gated_unit(const GateShape& shape, Gate gate, const float* gate_ni, const float* up_ni, float* y_ni) {
  each_row(shape, [&](std::int64_t row) {
    const auto forward = gate == Gate::kSilu ? forward_row<Silu> : forward_row<GeluTanh>;
    forward(shape.size, gate_ni + row * shape.stride, up_ni + row * shape.stride, y_ni + row * shape.size);
  });
}

void gated_unit_backward(const GateShape& shape, Gate gate, const float* grad_ni, const float* gate_ni,
                         const float* up_ni, float* grad_gate_ni, float* grad_up_ni) {
  each_row(shape, [&](std::int64_t row) {
    const auto backward = gate == Gate::kSilu ? backward_row<Silu> : backward_row<GeluTanh>;
    const std::int64_t dense = row * shape.size;
    backward(shape.size, grad_ni + dense, gate_ni + row * shape.stride, up_ni + row * shape.stride,
             grad_gate_ni + dense, grad_up_ni + dense);
  });
}

}  // namespace sift::cpu
