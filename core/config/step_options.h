#pragma once

#include <cstdint>
#include <string>

#include "config/config.h"

namespace sift {

/// The number of steps configured in a callback under `key` ("logging_steps", "save_steps"); 0 if no callback
/// has such an option.
std::int64_t callback_steps(const Config& config, const std::string& key, std::int64_t max_steps);

/// Steps between two evaluations; eval_steps = 0 means the same as logging_steps, as in transformers.
std::int64_t evaluation_steps(const Config& config, std::int64_t max_steps);

}  // namespace sift
