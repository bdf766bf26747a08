#pragma once

#include <string>

#include "config/config.h"
#include "train/trainer.h"

namespace sift {

/// How `sift train` was called, beyond the configuration.
struct RunRequest {
  bool resume = false;
  std::string resume_from = "last";  ///< "last" or a checkpoint folder
  bool overwrite = false;
};

/// A whole run: checks the folders, reads model and data, trains, writes the final model folder,
/// trainer_state.json and train_results.json into output_dir. A run that SIGTERM or SIGINT ends leaves a
/// checkpoint instead.
TrainOutput run_training(const Config& config, const RunRequest& request);

/// Evaluates config.data.eval with the model of config.model. Keys as in evaluate().
std::vector<std::pair<std::string, double>> run_evaluation(const Config& config);

/// Takes out of the default metrics what says nothing of the model, aux for one without experts, so that the
/// dumped configuration has what a run would do. Throws Error when such a model is asked for it by name.
void drop_idle_defaults(Config& config);

}  // namespace sift
