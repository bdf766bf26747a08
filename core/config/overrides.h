#pragma once

#include <string>
#include <vector>

#include "formats/diagnostics.h"
#include "formats/toml_document.h"

namespace sift {

/// Applies every "key=value" of `settings` to the file, in order. Each part of a key selects an entry of a
/// table, or of a list by its index or its `plugin`; an index one past the end adds an entry. The value is
/// TOML; a bare word is a string. Throws UsageError if a setting is not of the form key=value.
void apply_overrides(TomlTable& root, const std::vector<std::string>& settings, Diagnostics& diagnostics);

}  // namespace sift
