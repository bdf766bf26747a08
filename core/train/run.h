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

/// Leaves the metric "aux" out of the defaults for a model without experts. Throws Error when the
/// configuration asks such a model for the load-balancing loss of experts by name.
void fit_to_model(Config& config);

}  // namespace sift
