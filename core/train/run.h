#pragma once

#include <string>

#include "config/config.h"
#include "parallel/session.h"
#include "train/load_model.h"
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

/// How the model of config.model is loaded, from its config.json alone, and the tokenizer if new tokens get
/// rows. dtype = "auto" needs the header of the weights, if config.json says nothing.
ModelPlan model_plan(const Config& config);

/// Throws Error if the processes are to update slices of weights with an optimizer that needs whole ones.
void check_slices_suffice(const Config& config, Components& components, std::int64_t num_processes);

/// Removes default metrics that do not apply to the model (aux for a model without experts), so that the
/// dumped configuration matches the run. Throws Error if the configuration names one explicitly.
void drop_idle_defaults(Config& config);

}  // namespace sift
