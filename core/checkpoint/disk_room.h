#pragma once

#include <ATen/core/ScalarType.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "model/model_config.h"

namespace sift {

/// What is large in a checkpoint: nothing if a run saves none, the weights, or also AdamW's first and second
/// moment of every weight.
enum class CheckpointParts { kNone, kModel, kAll };

/// A lower bound of the bytes a run writes: the final model folder and one checkpoint.
std::int64_t bytes_to_write(const ModelConfig& model, at::ScalarType dtype, CheckpointParts parts);

/// Empty if the disk of `output_dir` has enough free space or does not report it; otherwise a message, so
/// that a run can fail before it trains for hours.
std::string lack_of_room(const std::filesystem::path& output_dir, std::int64_t bytes);

}  // namespace sift
