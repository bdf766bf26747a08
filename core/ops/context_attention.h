#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "ops/attention.h"
#include "ops/context_exchange.h"

namespace sift {

/// The micro-batch of which a process has a part.
struct ContextTokens {
  ContextExchange* exchange = nullptr;        ///< outlives every backward pass
  std::vector<std::int64_t> document_starts;  ///< of all N tokens, then N
};

/// document_attention() of all tokens for those of this process: q_nad, k_nkd and v_nkd have its rows. Keys
/// and values of all processes are gathered, and not kept: backward gathers them again, and sums their
/// gradients over the processes.
at::Tensor context_attention(const at::Tensor& q_nad, const at::Tensor& k_nkd, const at::Tensor& v_nkd,
                             const ContextTokens& tokens, const AttentionOptions& options);

}  // namespace sift
