#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "checkpoint/progress.h"

namespace sift {

/// What trainer_state.json says of a run besides its progress. A number of steps below 1 is a fraction of
/// max_steps.
struct TrainerStateInfo {
  double eval_steps = 0.0;
  double logging_steps = 0.0;
  double save_steps = 0.0;
  std::int64_t per_device_train_batch_size = 0;
  bool has_early_stopping = false;
};

/// Writes trainer_state.json with the keys of transformers' TrainerState, without any rounding.
void write_trainer_state(const std::filesystem::path& folder, const TrainerStateInfo& info,
                         const Progress& progress);

/// Reads the log and the position from a trainer_state.json. Throws Error if it is damaged.
TrainerState read_trainer_state(const std::filesystem::path& folder);

/// Its num_input_tokens_seen. Throws Error if it is damaged.
std::int64_t read_num_input_tokens_seen(const std::filesystem::path& folder);

/// The parsed file, of Sift or of transformers. NaN and Infinity written by Python become null. Throws Error.
nlohmann::json read_trainer_state_json(const std::filesystem::path& folder);

/// A count stored in a JSON file as any number. Throws Error if it is not a count; `what` names it.
std::int64_t whole_count(const std::string& what, double number);

}  // namespace sift
