#pragma once

#include <string>

namespace sift {

/// Advice for an option of TRL or transformers that Sift lacks under this name. It continues a sentence that
/// starts with the name: "belongs in ...", "is now ...", "is not supported yet". Empty for other names.
std::string fate_of_option(const std::string& key);

/// The section that has an option of this name: "train"; empty if none has.
std::string section_of_option(const std::string& key);

/// What to do about an option that is written outside of any section: "belongs in [train]", or its fate.
/// Empty for a name that nobody knows.
std::string advice_for_option(const std::string& key);

}  // namespace sift
