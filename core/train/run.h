#pragma once

#include <string>

#include "config/config.h"
#include "parallel/session.h"
#include "train/trainer.h"

namespace sift {

/// The arguments of `sift train` besides the configuration.
struct RunRequest {
  bool resume = false;
  std::string resume_from = "last";  ///< "last" or a checkpoint folder
  bool overwrite = false;
  /// From the newest complete checkpoint of output_dir; without one, the run starts as the other members say.
  bool resume_if_possible = false;
};

/// A whole run: checks the folders, reads model and data, trains, writes the final model folder,
/// trainer_state.json and train_results.json into output_dir. A run stopped by SIGTERM or SIGINT leaves a
/// checkpoint instead.
/// `session`: the processes of the run, if there are several.
TrainOutput run_training(const Config& config, const RunRequest& request, ParallelSession* session = nullptr);

/// Evaluates config.data.eval with the model of config.model. Keys as in evaluate().
std::vector<std::pair<std::string, double>> run_evaluation(const Config& config,
                                                           ParallelSession* session = nullptr);

/// Removes default metrics that do not apply to the model (aux for a model without experts), so that the
/// dumped configuration matches the run. Throws Error if the configuration names one explicitly.
void drop_idle_defaults(Config& config);

}  // namespace sift
