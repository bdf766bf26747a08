#pragma once

#include <string>

namespace sift {

/// The counterpart of an option of TRL or transformers that Sift does not have under this name: the end of a
/// sentence that begins with the name, "belongs in ...", "is now ...", "is not supported yet". Empty for
/// others.
std::string fate_of_option(const std::string& key);

}  // namespace sift
