#pragma once

#include <string>
#include <vector>

#include <sift/optimizer.h>
#include "model/weights/parameter.h"

namespace sift {

/// Whether transformers excludes this parameter from weight decay: biases and all parameters of a norm.
bool is_without_decay(const std::string& parameter_name);

/// The parameters in transformers' two groups, with weight decay and without, each in the given order.
std::vector<ParameterGroup> parameter_groups(const std::vector<Parameter>& parameters, double weight_decay);

}  // namespace sift
