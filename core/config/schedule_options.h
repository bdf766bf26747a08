#pragma once

#include <string>
#include <vector>

#include <sift/options.h>
#include "config/sections.h"
#include "formats/diagnostics.h"
#include "formats/toml_document.h"

namespace sift {

/// The names of lr_scheduler_type.
Range schedule_name();

/// The options that lr_scheduler_kwargs accepts for a schedule; their values are members of a separate
/// struct.
std::vector<OptionSpec> schedule_specs(const std::string& lr_scheduler_type);

/// Checks `train.lr_scheduler_kwargs`, set at `place` as `table` (nullptr: not set), and converts each value
/// to its declared type: from here on a number is a double.
void check_schedule(const TomlTable* table, const Place& place, TrainOptions& train,
                    Diagnostics& diagnostics);

}  // namespace sift
