#include "model/weights/freeze.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

#include <sift/error.h>

#include "base/did_you_mean.h"
#include "model/weights/parameter_path.h"

namespace sift {
namespace {

bool matches(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0 ||
         ::fnmatch((pattern + ".*").c_str(), name.c_str(), 0) == 0;
}

/// The modules that have parameters, with one name for all layers: "model.layers.*.mlp.up_proj".
std::vector<std::string> modules_of(const std::vector<Parameter>& parameters) {
  std::vector<std::string> modules;
  for (const Parameter& parameter : parameters) {
    const std::string module = without_index(module_of(parameter.name));
    if (std::ranges::find(modules, module) == modules.end()) modules.push_back(module);
  }
  return modules;
}

}  // namespace

void freeze(std::vector<Parameter>& parameters, const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    bool matches_any = false;
    for (Parameter& parameter : parameters) {
      if (!matches(pattern, parameter.name)) continue;
      matches_any = true;
      parameter.trained = false;
      parameter.tensor.requires_grad_(false);
    }
    if (matches_any) continue;
    throw Error(fmt::format("freeze in [train]: '{}' matches no parameter{}", pattern,
                            candidates_text(pattern, modules_of(parameters), "modules of this model")));
  }
  if (std::ranges::none_of(parameters, &Parameter::trained))
    throw Error("freeze in [train] matches every parameter of the model, so there is nothing to train");
}

}  // namespace sift
