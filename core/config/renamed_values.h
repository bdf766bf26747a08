#pragma once

#include <string>

namespace sift {

/// Advice for a value that TRL accepts for an option and Sift does not. It continues a sentence that starts
/// with the value: "is not supported; ...". Empty for other values. Booleans are "true" and "false".
std::string fate_of_value(const std::string& key, const std::string& value);

/// The same for an optimizer or another plugin that TRL knows by this name and that is not installed.
std::string fate_of_plugin(const std::string& name);

}  // namespace sift
