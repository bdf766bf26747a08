#pragma once

#include <ATen/core/ScalarType.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "model/lora/adapter.h"
#include "model/model_config.h"

namespace sift {

/// What is large in a checkpoint: nothing if a run saves none, the weights, or also AdamW's first and second
/// moment of every weight.
enum class CheckpointParts { kNone, kModel, kAll };

/// A lower bound of the bytes a run writes: the final model folder and one checkpoint.
std::int64_t bytes_to_write(std::int64_t weights, CheckpointParts parts);

/// The bytes of the weights of a model, or of what is saved of an adapter. `dtype`: of the model.
std::int64_t weight_bytes(const ModelConfig& model, at::ScalarType dtype);
std::int64_t weight_bytes(const Adapter& adapter, at::ScalarType dtype);

/// Empty if the disk of `output_dir` has enough free space or does not report it; otherwise a message, so
/// that a run can fail before it trains for hours.
std::string lack_of_room(const std::filesystem::path& output_dir, std::int64_t bytes);

}  // namespace sift
