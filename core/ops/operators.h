#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/ArrayRef.h>

#include <cstdint>
#include <optional>
#include <tuple>

#include <sift/export.h>
#include "ops/operator.h"
#include "ops/plain.h"

// Shape suffixes: n tokens, l tokens with keys, a query heads, k key/value heads, d head_dim, c scored tokens
// of a chunk, v vocabulary.

/// The fused operators, each defined in the source in core/ops that has its contract and its autograd node.
/// These name no device: its versions are in a folder of its own (cpu/), in this library or in one that is
/// opened at run time.
namespace sift::op {

extern SIFT_API Operator<decltype(plain::rms_norm)> rms_norm;
extern SIFT_API Operator<decltype(plain::rms_norm_backward)> rms_norm_backward;
extern SIFT_API Operator<decltype(plain::gated_unit)> gated_unit;
extern SIFT_API Operator<decltype(plain::gated_unit_backward)> gated_unit_backward;
extern SIFT_API Operator<decltype(plain::rotary)> rotary;
extern SIFT_API Operator<decltype(plain::adamw_update)> adamw_update;
extern SIFT_API Operator<decltype(plain::softmax_stats)> softmax_stats;
extern SIFT_API Operator<decltype(plain::quantize_4bit)> quantize_4bit;
extern SIFT_API Operator<decltype(plain::dequantize_4bit)> dequantize_4bit;

// The following have no plain version: other code of the caller does their work where supports() is false.

/// The queries are those of the last n of the l tokens, and `starts` ends with l. q, k and v are contiguous
/// in a call, but not when supports() is asked.
extern SIFT_API Operator<std::tuple<at::Tensor, at::Tensor>(const at::Tensor& q_nad, const at::Tensor& k_lkd,
                                                            const at::Tensor& v_lkd, at::IntArrayRef starts,
                                                            std::int64_t window, double scale)>
    flash_attention;
/// Supports what flash_attention supports.
extern SIFT_API Operator<std::tuple<at::Tensor, at::Tensor, at::Tensor>(
    const at::Tensor& grad_nad, const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd,
    const at::Tensor& out_nad, const at::Tensor& lse_an, at::IntArrayRef starts, std::int64_t window,
    double scale)>
    flash_attention_backward;
/// In place: the logits become their gradient.
extern SIFT_API
    Operator<void(const at::Tensor& logits_cv, const at::Tensor& target_c, const at::Tensor& log_z_c,
                  const at::Tensor& log_prob_c, const std::optional<at::Tensor>& entropy_c,
                  const std::optional<at::Tensor>& is_top1_c, const std::optional<at::Tensor>& mean_logit_c,
                  double logit_scale, double label_smoothing, double lse_square_scale, double num_items)>
        cross_entropy;

}  // namespace sift::op
