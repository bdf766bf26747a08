#pragma once

#include <cstdint>

namespace sift::cpu {

// Loops over rows of float32 or float64 (T) that plain ATen needs several passes for. They are compiled for
// AVX2 and FMA: call them only if available(). All pointers are to contiguous memory; outputs do not overlap
// inputs unless a comment says so. Rows are divided among ATen's threads; no result depends on their number.

/// Whether this processor has AVX2 and FMA.
bool available();

enum class Gate { kSilu, kGeluTanh };

/// y = x r w with r = 1 / sqrt(mean(x^2) + eps), which is kept in rstd_n.
template <class T>
void rms_norm(std::int64_t rows, std::int64_t size, const T* x_nh, const T* w_h, T eps, T* y_nh, T* rstd_n);
/// dx = r (g w - x r^2 mean(g w x)) and dw = sum_n g x r.
template <class T>
void rms_norm_backward(std::int64_t rows, std::int64_t size, const T* grad_nh, const T* x_nh, const T* w_h,
                       const T* rstd_n, T* grad_x_nh, T* grad_w_h);

/// `stride` is the distance of the rows of gate and up, which may be halves of one tensor; all other tensors
/// are contiguous.
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

/// Rotates the halves of every head: (a, b) -> (a cos - s b sin, b cos + s a sin) with s = sign; each token
/// has `half` numbers of cos and of sin. The first 2 * half numbers of a head of `size` are rotated, the
/// others copied.
template <class T>
void rotary(std::int64_t tokens, std::int64_t heads, std::int64_t size, std::int64_t half, const T* x_nad,
            const T* cos_nf, const T* sin_nf, T sign, T* y_nad);

/// Statistics of one row of logits and its target.
template <class T>
struct RowStats {
  T log_z = 0, log_prob = 0, entropy = 0;
  bool is_top1 = false;
};
/// Computes the statistics of `size` logits, replaces them by exp(z - max) and returns the sum of these. The
/// target is top 1 if no earlier logit is as large and no later one larger, as in argmax. Not parallel.
template <class T>
double softmax_row(std::int64_t size, T* z_v, std::int64_t target, RowStats<T>& stats);

/// x_v = factor x_v - even, and at the target target_part less. Not parallel.
template <class T>
struct RowGradient {
  T factor, even, target_part;
};
template <class T>
void softmax_gradient_row(std::int64_t size, T* x_v, std::int64_t target, const RowGradient<T>& gradient);

/// The 4-bit codes of `count` numbers and the absmax of each block of them; see QuantizedWeight.
void quantize_4bit(std::int64_t count, const float* x, bool nf4, std::int64_t block_size, std::uint8_t* codes,
                   float* absmax);
/// Numbers [first, first + count) of a weight, to y. `absmax` begins with that of the block of number
/// `first`.
template <class T>
void dequantize_4bit(const std::uint8_t* codes, const float* absmax, bool nf4, std::int64_t block_size,
                     std::int64_t first, std::int64_t count, T* y);

}  // namespace sift::cpu
