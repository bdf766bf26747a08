#pragma once

#include <string>
#include <vector>

#include "formats/diagnostics.h"
#include "formats/toml_document.h"

namespace sift {

// The schedule of a run was written as options of the callbacks `logging` and `checkpoint` before it moved to
// [train]. Files written then stay valid.

/// A key of --set as it is now: {"callbacks", "logging", "logging_steps"} becomes {"train", "logging_steps"}.
std::vector<std::string> moved_key(std::vector<std::string> steps);

/// Moves such options of `root` to [train], drops [[callbacks]] plugin = "checkpoint", and logs one warning
/// that says what to write. An option that the file has in both places is a fault; --set wins over the file.
void move_options(TomlTable& root, Diagnostics& diagnostics);

}  // namespace sift
