#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/ArrayRef.h>

#include <cstdint>
#include <optional>
#include <tuple>

namespace sift::plain {

// The operators of library.cpp in plain ATen, for every device and dtype: the fallback for devices without
// their own version, and for tensors that a device's version does not support.

std::tuple<at::Tensor, at::Tensor> rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps,
                                            bool offset);
std::tuple<at::Tensor, at::Tensor> rms_norm_backward(const at::Tensor& grad, const at::Tensor& x,
                                                     const at::Tensor& weight, const at::Tensor& rstd_n1,
                                                     bool offset);

at::Tensor gated_unit(const at::Tensor& gate, const at::Tensor& up, bool silu);
std::tuple<at::Tensor, at::Tensor> gated_unit_backward(const at::Tensor& grad, const at::Tensor& gate,
                                                       const at::Tensor& up, bool silu);

at::Tensor rotary(const at::Tensor& x_nad, const at::Tensor& cos_nf, const at::Tensor& sin_nf, bool back);

void adamw_update(at::TensorList weights, at::TensorList grads, at::TensorList exp_avgs,
                  at::TensorList exp_avg_sqs, at::TensorList steps, const at::Tensor& grad_scale,
                  const std::optional<at::Tensor>& found_inf, double lr, double beta1, double beta2,
                  double weight_decay, double eps);

/// In place: z becomes exp(z - max z), whose row sums are returned; the other outputs are written if given.
at::Tensor softmax_stats(const at::Tensor& z_bv, const at::Tensor& target_b, const at::Tensor& log_z_b,
                         const at::Tensor& log_prob_b, const std::optional<at::Tensor>& entropy_b,
                         const std::optional<at::Tensor>& is_top1_b,
                         const std::optional<at::Tensor>& mean_logit_b);

/// `x`: float32 [count], contiguous. Two codes in a byte, and the absmax of each block; see QuantizedWeight.
std::tuple<at::Tensor, at::Tensor> quantize_4bit(const at::Tensor& x, bool nf4, std::int64_t block_size);
/// Writes numbers [first, first + y.numel()) of a weight to the contiguous `y`. `codes` are those of the
/// whole weight, `absmax` those of the blocks of these numbers.
void dequantize_4bit(const at::Tensor& codes, const at::Tensor& absmax, bool nf4, std::int64_t block_size,
                     std::int64_t first, const at::Tensor& y);

}  // namespace sift::plain
