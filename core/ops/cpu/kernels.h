#pragma once

#include <cstdint>

namespace sift::cpu {

// Loops over rows of float32 or float64 (T) that plain ATen needs several passes for. They are compiled for
// AVX2 and FMA: call them only where available() says so. All pointers are to contiguous memory; outputs do
// not overlap inputs unless it is said. Rows are spread over ATen's threads; no result depends on how many
// there are.

bool available();

enum class Gate { kSilu, kGeluTanh };

/// y = x r w with r = 1 / sqrt(mean(x^2) + eps), which is kept in rstd_n.
template <class T>
void rms_norm(std::int64_t rows, std::int64_t size, const T* x_nh, const T* w_h, T eps, T* y_nh, T* rstd_n);
/// dx = r (g w - x r^2 mean(g w x)) and dw = sum_n g x r.
template <class T>
void rms_norm_backward(std::int64_t rows, std::int64_t size, const T* grad_nh, const T* x_nh, const T* w_h,
                       const T* rstd_n, T* grad_x_nh, T* grad_w_h);

/// `stride` numbers lie between the rows of gate and up, which may be halves of one tensor; all else is
/// dense.
struct GateShape {
  std::int64_t rows, size, stride;
};
/// y = act(gate) up.
template <class T>
void gated_unit(const GateShape& shape, Gate gate, const T* gate_ni, const T* up_ni, T* y_ni);
/// dgate = g up act'(gate) and dup = g act(gate).
template <class T>
void gated_unit_backward(const GateShape& shape, Gate gate, const T* grad_ni, const T* gate_ni,
                         const T* up_ni, T* grad_gate_ni, T* grad_up_ni);

/// Turns the halves of every head: (a, b) -> (a cos - s b sin, b cos + s a sin) with s = sign; `half` numbers
/// of cos and sin for each token. The first 2 * half numbers of a head of `size` are turned, the rest is
/// copied.
template <class T>
void rotary(std::int64_t tokens, std::int64_t heads, std::int64_t size, std::int64_t half, const T* x_nad,
            const T* cos_nf, const T* sin_nf, T sign, T* y_nad);

/// What one row of logits says of its target.
template <class T>
struct RowStats {
  T log_z = 0, log_prob = 0, entropy = 0;
  bool is_top1 = false;
};
/// Statistics of one row of `size` logits; leaves exp(z - max) in place of them and returns its sum. The
/// target is top 1 when no earlier logit is as large and no later one larger, as argmax has it. Not parallel.
template <class T>
double softmax_row(std::int64_t size, T* z_v, std::int64_t target, RowStats<T>& stats);

/// x_v = factor x_v - even, and target_part less than that at the target. Not parallel.
template <class T>
struct RowGradient {
  T factor, even, target_part;
};
template <class T>
void softmax_gradient_row(std::int64_t size, T* x_v, std::int64_t target, const RowGradient<T>& gradient);

}  // namespace sift::cpu
