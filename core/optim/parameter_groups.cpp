#include "optim/parameter_groups.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace sift {

bool is_without_decay(const std::string& parameter_name) {
  // transformers/trainer.py, get_decay_parameter_names: bias | layernorm | rmsnorm | (^|.)norm($|.) |
  // _norm($|.)
  std::string name = parameter_name;
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* part : {"bias", "layernorm", "rmsnorm"}) {
    if (name.find(part) != std::string::npos) return true;
  }
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    const std::string component = name.substr(begin, end - begin);
    if (component == "norm" || component.ends_with("_norm")) return true;
    begin = end + 1;
  }
  return false;
}

std::vector<ParameterGroup> parameter_groups(const std::vector<Parameter>& parameters, double weight_decay) {
  std::vector<ParameterGroup> groups{{weight_decay, {}}, {0.0, {}}};
  for (const Parameter& parameter : parameters)
    groups[is_without_decay(parameter.name) ? 1 : 0].parameters.push_back({parameter.name, parameter.tensor});
  return groups;
}

}  // namespace sift
