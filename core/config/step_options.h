#pragma once

#include <cstdint>
#include <string>

#include "config/config.h"

namespace sift {

/// The number of steps that some callback was configured with under `key` ("logging_steps", "save_steps"); 0
/// when none has such an option.
std::int64_t callback_steps(const Config& config, const std::string& key, std::int64_t max_steps);

/// How often an evaluation is due; an eval_steps of 0 means as often as the log, as in transformers.
std::int64_t evaluation_steps(const Config& config, std::int64_t max_steps);

}  // namespace sift
