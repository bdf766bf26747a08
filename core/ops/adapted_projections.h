#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "ops/base_weight.h"
#include "ops/dropout.h"
#include "ops/low_rank.h"
#include "ops/projection_input.h"

// Shape suffixes: n tokens, o output features, i input features, r rank.

namespace sift {

/// y = x W^T + b + scale * dropout(x) A^T B^T, in the dtype of x W^T, where the product with A and B is in
/// their own dtype, as in PEFT. With a magnitude m, as in PEFT's DoRA: the product of x with W + scale * B A,
/// times m / |W + scale * B A| by rows, where the norm has no gradient.
at::Tensor adapted_linear(const at::Tensor& x, const BaseWeight& weight_oi, const at::Tensor& bias_o,
                          const LowRank& update, DropoutSeed seed);

/// adapted_linear() for several projections of one x, [N, in]; `biases` and `updates` have an entry for each
/// weight, which may be undefined or empty. Where everything is float32, the products of the updates add into
/// the results in place, a frozen weight costs no product in backward, and what is kept for it is that of
/// projections() and x A^T.
std::vector<at::Tensor> adapted_projections(const ProjectionInput& input,
                                            const std::vector<BaseWeight>& weights,
                                            const std::vector<at::Tensor>& biases,
                                            const std::vector<LowRank>& updates, DropoutSeed seed);

}  // namespace sift
