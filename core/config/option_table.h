#pragma once

#include <set>
#include <string>
#include <vector>

#include <sift/options.h>
#include "formats/diagnostics.h"
#include "formats/toml_document.h"

namespace sift {

/// The destination of a table of the file, and its name in error messages.
struct OptionTable {
  std::string label;   ///< "[train]"
  std::string prefix;  ///< before each key in errors, "lr_scheduler_kwargs."
  std::string owner;   ///< after the name of a key, " for plugin 'dft'"
  const std::vector<OptionSpec>& specs;
  void* options;
  std::vector<std::string> other_keys = {};  ///< keys of the table that are read elsewhere
  std::string plugin = {};                   ///< the plugin that the table is for
};

/// Sets every option in `table` and reports every error: unknown keys, wrong types, values out of
/// range and required options that are missing (at `place`). `table` may be nullptr: no option is set.
/// Returns the keys with errors; their options keep their defaults.
std::set<std::string> read_options(const OptionTable& target, const TomlTable* table, const Place& place,
                                   Diagnostics& diagnostics);

}  // namespace sift
