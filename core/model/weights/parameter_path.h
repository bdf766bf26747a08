#pragma once

#include <string>

namespace sift {

/// The path of a module or parameter without its last name; empty if it has only one.
std::string module_of(const std::string& path);
/// The same path for every layer, for messages: "model.layers.*.mlp.up_proj".
std::string without_index(std::string path);

}  // namespace sift
