#pragma once

#include <string>
#include <vector>

#include "model/weights/parameter.h"

namespace sift {

/// Excludes parameters from training. A pattern is the name of a parameter or of a module, whose parameters
/// it then means; `*` matches any characters: "model.embed_tokens", "model.layers.*.mlp". Throws Error,
/// which lists the modules, for a pattern that matches no parameter, and if no parameter would be trained.
void freeze(std::vector<Parameter>& parameters, const std::vector<std::string>& patterns);

}  // namespace sift
