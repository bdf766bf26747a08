#pragma once

#include "model/weights/parameter.h"

namespace sift {

/// Whether this is the weight of a linear layer other than the head, which transformers puts into 4 bits. Its
/// experts and routers are no linear layers.
bool is_linear_layer(const ParameterSpec& spec);

}  // namespace sift
