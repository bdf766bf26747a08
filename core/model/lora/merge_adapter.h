#pragma once

#include <vector>

#include "model/lora/adapter.h"

namespace sift {

/// The parameters of a model with its adapter folded in, those of the adapter left out: what PEFT's
/// merge_and_unload() gives. Sums are computed in float32 and rounded to the dtype of the weight. Weights in
/// 4 bits become tensors of the dtype of the embedding. A head that no longer equals the embedding is the
/// last one.
std::vector<Parameter> merged_parameters(const Adapter& adapter, std::vector<Parameter> parameters);

}  // namespace sift
