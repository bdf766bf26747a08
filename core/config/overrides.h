#pragma once

#include <string>
#include <vector>

#include "formats/diagnostics.h"
#include "formats/toml_document.h"

namespace sift {

/// Writes every "key=value" of `settings` over the file, later ones over earlier ones. A step of a key names
/// an entry of a table, or of a list by its index or by its `plugin`; an index one past the end adds an
/// entry. The value is TOML; a bare word is a string. Throws UsageError for a setting that is no key=value at
/// all.
void apply_overrides(TomlTable& root, const std::vector<std::string>& settings, Diagnostics& diagnostics);

}  // namespace sift
