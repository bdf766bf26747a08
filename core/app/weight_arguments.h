#pragma once

#include <boost/program_options.hpp>

#include "config/sections.h"

namespace sift {

/// Adds the options of [model] that say how weights are held in memory, with dashes in their names: --dtype,
/// --load-in-4bit. Those that are given are set in `model`, which must outlive `options`; a value out of
/// their range is a UsageError.
void add_weight_options(boost::program_options::options_description& options, ModelOptions& model);

}  // namespace sift
