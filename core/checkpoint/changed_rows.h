#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include <sift/callback.h>
#include "data/row_plan.h"

namespace sift {

/// As sift_state.json stores it.
nlohmann::ordered_json to_json(const RowPlan& plan);

/// Warns if a run that goes on from the checkpoint meets other rows than the checkpoint's own would: how many
/// once more and how many once less, where that is known. `plan` is the run's, `state` the checkpoint's.
/// Checkpoints of TRL and of older versions name only their epoch and batch size.
void warn_of_changed_rows(const std::filesystem::path& checkpoint, const RowPlan& plan,
                          const TrainerState& state);

}  // namespace sift
