#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "ops/base_weight.h"
#include "ops/dropout.h"
#include "ops/low_rank.h"
#include "ops/projection_input.h"

// Shape suffixes: n tokens, o output features, i input features, r rank.

namespace sift {

/// adapted_linear() for several projections of one x, [N, in]; `biases` and `updates` have an entry for each
/// weight, which may be undefined or empty. Where everything is float32, the products of the updates add into
/// the results in place, a frozen weight costs no product in backward, and what is kept for it is that of
/// projections() and x A^T.
std::vector<at::Tensor> adapted_projections(const ProjectionInput& input,
                                            const std::vector<BaseWeight>& weights,
                                            const std::vector<at::Tensor>& biases,
                                            const std::vector<LowRank>& updates, DropoutSeed seed);

}  // namespace sift
