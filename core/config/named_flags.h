#pragma once

#include "formats/toml_document.h"

namespace sift {

/// Writes the name in place of a boolean, for options of [train] that take a name and, in transformers, also
/// a boolean: include_num_input_tokens_seen = true means "all", false "no". In [lora] likewise
/// init_lora_weights; and a string under target_modules or exclude_modules, which PEFT takes as a regular
/// expression, moves to the option for it.
void name_flags(TomlTable& root);

/// Removes flags of TRL and transformers that Sift lacks where they are false, their default, and so ask for
/// what Sift does anyway: fp16, push_to_hub, load_in_8bit.
void drop_idle_flags(TomlTable& root);

}  // namespace sift
