#include "checkpoint/trl_checkpoint.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include <sift/log.h>
#include "checkpoint/checkpoint_files.h"
#include "checkpoint/trainer_state.h"
#include "formats/json_fields.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

/// A "loss" in the log is the mean over the steps since the previous entry.
void add_up_log(const fs::path& folder, Progress& progress) {
  for (const LogEntry& entry : progress.state.log_history) {
    if (const double* tokens = entry.find("num_tokens"))
      progress.state.num_tokens =
          whole_count((folder / kTrainerStateFile).string() + ": num_tokens of the log", *tokens);
    const double* loss = entry.find("loss");
    if (loss == nullptr || !std::isfinite(*loss) || entry.step <= progress.last_logged_step) continue;
    const std::int64_t steps = entry.step - progress.last_logged_step;
    progress.total_loss += *loss * static_cast<double>(steps);
    progress.total_loss_steps += steps;
    progress.last_logged_step = entry.step;
    if (const double* norm = entry.find("grad_norm"); norm != nullptr && std::isfinite(*norm))
      progress.grad_norm = *norm;
  }
}

void warn_of_gap(const Progress& progress) {
  const std::int64_t step = progress.state.global_step, logged = progress.last_logged_step;
  if (logged >= step) return;
  log_warning(fmt::format(
      "the checkpoint's log ends at step {} of {}: num_tokens does not count the steps in between, and the "
      "next log entry averages only over the steps from here on, as in TRL",
      logged, step));
}

}  // namespace

bool is_trl_checkpoint(const fs::path& folder) {
  return !fs::exists(folder / kSiftStateFile) && !fs::exists(folder / kRngStateFile) &&
         !fs::exists(folder / kManifestFile) && fs::exists(folder / kTrainerStateFile);
}

void adopt_trl_progress(const fs::path& folder, Progress& progress) {
  const nlohmann::json json = read_trainer_state_json(folder);
  const SortedJsonFields fields(json, (folder / kTrainerStateFile).string());
  progress.total_flos = fields.number_or("total_flos", progress.total_flos);
  add_up_log(folder, progress);
  progress.epoch_ended = true;  // TRL does not repeat the pending work of an epoch end
  log_info(fmt::format(
      "{} is a checkpoint of transformers: weights, optimizer, log and position in the data are "
      "restored; the states of callbacks and of Python's random numbers are not and start over; the "
      "checkpoint has no manifest, so its files cannot be verified",
      folder.string()));
  warn_of_gap(progress);
}

}  // namespace sift
