#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "ops/attention.h"

namespace sift {

/// Whether the device has a flash_attention() that supports these inputs.
bool supports_flash_attention(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd,
                              const std::vector<std::int64_t>& document_starts,
                              const AttentionOptions& options);

/// document_attention() without a softcap, all documents and heads at once. For backward it keeps its
/// inputs, its result and one number per token and head.
at::Tensor flash_attention(const at::Tensor& q_nad, const at::Tensor& k_lkd, const at::Tensor& v_lkd,
                           const std::vector<std::int64_t>& document_starts, const AttentionOptions& options);

}  // namespace sift
