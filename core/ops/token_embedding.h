#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

// Shape suffixes: n tokens, v vocabulary, h hidden size.

namespace sift {

/// Rows `ids_n` of `weight_vh`, [N, H], as nn.Embedding: the row `padding_idx` has no gradient (-1: all have
/// one). If the weight already has a gradient, the rows are added to it without a temporary of its size.
at::Tensor token_embedding(const at::Tensor& weight_vh, const at::Tensor& ids_n, std::int64_t padding_idx);

}  // namespace sift
