#pragma once

#include <cstdint>

namespace sift::cpu {

// Loops over float32 rows that plain ATen needs several passes for. They are compiled for AVX2 and FMA: call
// them only where available() says so. All pointers are to contiguous memory; outputs do not overlap inputs
// unless it is said. Rows are spread over ATen's threads; no result depends on how many there are.

bool available();

enum class Gate { kSilu, kGeluTanh };

/// y = x r w with r = 1 / sqrt(mean(x^2) + eps), which is kept in rstd_n.
void rms_norm(std::int64_t rows, std::int64_t size, const float* x_nh, const float* w_h, float eps,
              float* y_nh, float* rstd_n);
/// dx = r (g w - x r^2 mean(g w x)) and dw = sum_n g x r.
void rms_norm_backward(std::int64_t rows, std::int64_t size, const float* grad_nh, const float* x_nh,
                       const float* w_h, const float* rstd_n, float* grad_x_nh, float* grad_w_h);

/// `stride` numbers lie between the rows of gate and up, which may be halves of one tensor; all else is
/// dense.
struct GateShape {
  std::int64_t rows, size, stride;
};
/// y = act(gate) up.
void gated_unit(const GateShape& shape, Gate gate, const float* gate_ni, const float* up_ni, float* y_ni);
/// dgate = g up act'(gate) and dup = g act(gate).
void gated_unit_backward(const GateShape& shape, Gate gate, const float* grad_ni, const float* gate_ni,
                         const float* up_ni, float* grad_gate_ni, float* grad_up_ni);

/// Turns the halves of every head: (a, b) -> (a cos - s b sin, b cos + s a sin) with s = sign; `half` numbers
/// of cos and sin for each token. The first 2 * half numbers of a head of `size` are turned, the rest is
/// copied.
void rotary(std::int64_t tokens, std::int64_t heads, std::int64_t size, std::int64_t half, const float* x_nad,
            const float* cos_nf, const float* sin_nf, float sign, float* y_nad);

/// What one row of logits says of its target.
struct RowStats {
  float log_z = 0, log_prob = 0, entropy = 0;
  bool is_top1 = false;
};
/// Statistics of one row of `size` logits; leaves exp(z - max) in place of them and returns its sum. The
/// target is top 1 when no earlier logit is as large and no later one larger, as argmax has it. Not parallel.
double softmax_row(std::int64_t size, float* z_v, std::int64_t target, RowStats& stats);

/// x_v = factor x_v - even, and target_part less than that at the target. Not parallel.
struct RowGradient {
  float factor, even, target_part;
};
void softmax_gradient_row(std::int64_t size, float* x_v, std::int64_t target, const RowGradient& gradient);

}  // namespace sift::cpu
