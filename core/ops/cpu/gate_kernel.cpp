#include <ATen/Parallel.h>

#include <algorithm>

#include "ops/cpu/kernels.h"
#include "ops/cpu/vector.h"

namespace sift::cpu {
namespace {

constexpr std::int64_t kGrain = 1 << 14;

/// The value and the slope of an activation.
template <class T>
struct Silu {
  static Vec<T> value(const Vec<T>& x) { return x / (Vec<T>(1) + exp_of(x.neg())); }
  static void both(const Vec<T>& x, Vec<T>& value, Vec<T>& slope) {
    const Vec<T> sigmoid = Vec<T>(1) / (Vec<T>(1) + exp_of(x.neg()));
    value = x * sigmoid;
    slope = sigmoid + value * (Vec<T>(1) - sigmoid);
  }
};

/// x (1 + tanh(t)) / 2 with t = sqrt(2/pi) (x + 0.044715 x^3) (arXiv 1606.08415).
template <class T>
struct GeluTanh {
  static constexpr T kScale = T(0.79788456080286536), kCubic = T(0.044715);
  static Vec<T> tanh_of(const Vec<T>& x) {
    return ((x + Vec<T>(kCubic) * x * x * x) * Vec<T>(kScale)).tanh();
  }
  static Vec<T> value(const Vec<T>& x) { return Vec<T>(T(0.5)) * x * (Vec<T>(1) + tanh_of(x)); }
  static void both(const Vec<T>& x, Vec<T>& value, Vec<T>& slope) {
    const Vec<T> t = tanh_of(x), half(T(0.5)), one(T(1));
    value = half * x * (one + t);
    const Vec<T> inner = Vec<T>(kScale) * (one + Vec<T>(T(3) * kCubic) * x * x);
    slope = half * (one + t) + half * x * (one - t * t) * inner;
  }
};

template <class T, class Activation>
void forward_row(std::int64_t size, const T* gate_i, const T* up_i, T* y_i) {
  for (std::int64_t i = 0; i < size; i += kLanes<T>) {
    const int n = lanes<T>(i, size);
    (Activation::value(Vec<T>::loadu(gate_i + i, n)) * Vec<T>::loadu(up_i + i, n)).store(y_i + i, n);
  }
}

template <class T, class Activation>
void backward_row(std::int64_t size, const T* grad_i, const T* gate_i, const T* up_i, T* grad_gate_i,
                  T* grad_up_i) {
  for (std::int64_t i = 0; i < size; i += kLanes<T>) {
    const int n = lanes<T>(i, size);
    const Vec<T> grad = Vec<T>::loadu(grad_i + i, n);
    Vec<T> value, slope;
    Activation::both(Vec<T>::loadu(gate_i + i, n), value, slope);
    (grad * Vec<T>::loadu(up_i + i, n) * slope).store(grad_gate_i + i, n);
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

template <class T>
void gated_unit(const GateShape& shape, Gate gate, const T* gate_ni, const T* up_ni, T* y_ni) {
  each_row(shape, [&](std::int64_t row) {
    const auto forward = gate == Gate::kSilu ? forward_row<T, Silu<T>> : forward_row<T, GeluTanh<T>>;
    forward(shape.size, gate_ni + row * shape.stride, up_ni + row * shape.stride, y_ni + row * shape.size);
  });
}

template <class T>
void gated_unit_backward(const GateShape& shape, Gate gate, const T* grad_ni, const T* gate_ni,
                         const T* up_ni, T* grad_gate_ni, T* grad_up_ni) {
  each_row(shape, [&](std::int64_t row) {
    const auto backward = gate == Gate::kSilu ? backward_row<T, Silu<T>> : backward_row<T, GeluTanh<T>>;
    const std::int64_t dense = row * shape.size;
    backward(shape.size, grad_ni + dense, gate_ni + row * shape.stride, up_ni + row * shape.stride,
             grad_gate_ni + dense, grad_up_ni + dense);
  });
}

template void gated_unit<float>(const GateShape&, Gate, const float*, const float*, float*);
template void gated_unit<double>(const GateShape&, Gate, const double*, const double*, double*);
template void gated_unit_backward<float>(const GateShape&, Gate, const float*, const float*, const float*,
                                         float*, float*);
template void gated_unit_backward<double>(const GateShape&, Gate, const double*, const double*, const double*,
                                          double*, double*);

}  // namespace sift::cpu
