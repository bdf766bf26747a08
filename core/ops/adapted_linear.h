#pragma once

#include <ATen/core/Tensor.h>

#include "ops/base_weight.h"
#include "ops/dropout.h"
#include "ops/low_rank.h"

// Shape suffixes: o output features, i input features, r rank.

namespace sift {

/// y = x W^T + b + scale * dropout(x) A^T B^T, in the dtype of x W^T, where the product with A and B is in
/// their own dtype, as in PEFT. With a magnitude m, as in PEFT's DoRA: the product of x with W + scale * B A,
/// times m / |W + scale * B A| by rows, where the norm has no gradient.
at::Tensor adapted_linear(const at::Tensor& x, const BaseWeight& weight_oi, const at::Tensor& bias_o,
                          const LowRank& update, DropoutSeed seed);

/// [out], without a gradient: the norms of the rows of W + scale * B A, by which DoRA divides them.
at::Tensor row_norms(const at::Tensor& weight_oi, const LowRank& update);
/// Whether elements of the input of A are zeroed in a pass.
bool drops(const LowRank& update, DropoutSeed seed);
/// The input of A; x itself without dropout.
at::Tensor dropped(const at::Tensor& x, const LowRank& update, DropoutSeed seed);

}  // namespace sift
