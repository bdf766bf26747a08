#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sift/tensors.h>
#include "formats/safetensors.h"
#include "ops/quantized_weight.h"

namespace sift {

// A weight in 4 bits as bitsandbytes stores it: the codes under the name of the weight, [ceil(numbers / 2),
// 1], and beside them "<name>.absmax", "<name>.quant_map", "<name>.nested_absmax" and
// "<name>.nested_quant_map" (double quantisation), and "<name>.quant_state.bitsandbytes__nf4" or "__fp4", the
// bytes of a JSON object with everything else.

/// Whether any tensor beside `name` says that bitsandbytes quantised it.
bool is_quantized(const ModelTensors& tensors, const std::string& name);

/// The names of all tensors that belong to the weight and exist; only `name` if it is not quantised.
std::vector<std::string> stored_names(const ModelTensors& tensors, const std::string& name);

/// Reads a quantised weight of this shape into memory of its own. Throws Error, which begins with `where`, if
/// a tensor is missing, has another size or type than the others need, or says something that Sift does not
/// read.
QuantizedWeight read_quantized(const ModelTensors& tensors, const std::string& name,
                               const std::vector<std::int64_t>& shape, const std::string& where);

/// The tensors of a quantised weight as they are stored.
std::vector<NamedTensor> quantized_tensors(const std::string& name, const QuantizedWeight& weight);

}  // namespace sift
