#pragma once

#include <string>

namespace sift {

/// Advice for an option of TRL or transformers that Sift lacks under this name. It continues a sentence that
/// starts with the name: "belongs in ...", "is now ...", "is not supported yet". Empty for other names.
std::string fate_of_option(const std::string& key);

}  // namespace sift
