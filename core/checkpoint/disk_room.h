#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "config/config.h"
#include "model/model_config.h"

namespace sift {

/// What a run writes at least, in bytes: the model folder at its end and, where a callback saves, one
/// checkpoint, which has AdamW's two means of every weight besides.
std::int64_t bytes_to_write(const Config& config, const ModelConfig& model);

/// Empty when the disk of `output_dir` has so much room, or does not say how much it has; else what is wrong,
/// for a run to say before it trains for hours.
std::string lack_of_room(const std::filesystem::path& output_dir, std::int64_t bytes);

}  // namespace sift
