#pragma once

#include "formats/toml_document.h"

namespace sift {

/// Writes the name in place of a boolean, for options of [train] that take a name and, in transformers, also
/// a boolean: include_num_input_tokens_seen = true means "all", false "no".
void name_flags(TomlTable& root);

}  // namespace sift
