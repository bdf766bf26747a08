#pragma once

#include <string>
#include <vector>

#include "train/load_model.h"

namespace sift {

/// The parameters of a model, with its adapter, on the device meta: with shapes, types and names, and without
/// values or memory.
std::vector<Parameter> paper_parameters(const ModelPlan& plan, at::ScalarType dtype,
                                        const std::vector<std::string>& freeze);

/// A weight in 4 bits of this shape, on the device meta.
QuantizedWeight paper_quantized(const std::vector<std::int64_t>& shape, QuantizedWeight::Kind kind,
                                bool nested);

}  // namespace sift
