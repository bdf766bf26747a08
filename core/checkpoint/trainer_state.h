#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "checkpoint/progress.h"
#include "config/config.h"

namespace sift {

/// Writes trainer_state.json with the keys of transformers' TrainerState, without any rounding.
void write_trainer_state(const std::filesystem::path& folder, const Config& config, const Progress& progress);

/// Reads the log and the position out of a trainer_state.json. Throws Error when it is damaged.
TrainerState read_trainer_state(const std::filesystem::path& folder);

/// The file itself, of Sift or of transformers. What Python wrote as NaN or Infinity is null. Throws Error.
nlohmann::json read_trainer_state_json(const std::filesystem::path& folder);

/// A count that a JSON file holds as any number. Throws Error when it is none; `what` names it.
std::int64_t whole_count(const std::string& what, double number);

}  // namespace sift
