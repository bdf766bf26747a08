#pragma once

#include <cstdint>
#include <vector>

#include "model/lora/adapter.h"

namespace sift {

/// The initial values of the parameters that an adapter adds, float32, in its order, as PEFT 0.21 draws them
/// (lora/layer.py); the numbers are those of Sift's own generator. PiSSA (arXiv 2404.02948) takes what the
/// adapter then has from the weights in `parameters`. On the device meta, parameters have no values.
std::vector<Parameter> initial_parameters(const Adapter& adapter, const std::vector<Parameter>& parameters,
                                          std::uint64_t seed);

}  // namespace sift
