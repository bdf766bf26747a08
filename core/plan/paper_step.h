#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "config/sections.h"
#include "parallel/traffic.h"
#include "train/components.h"
#include "train/load_model.h"

namespace sift {

/// What an update of a run does, as far as memory and traffic of a process depend on it.
struct PaperRun {
  ModelPlan model;
  at::ScalarType dtype = at::kFloat;  ///< of the weights
  std::vector<std::string> freeze;
  ParallelOptions sharing;
  std::filesystem::path config_file;  ///< for messages
  std::int64_t micro_batches = 1;     ///< of a process
  std::int64_t passes = 1;            ///< of a process, at least one for each micro-batch
};

/// An update of one process of many. Sizes in bytes, without activations.
struct PaperStep {
  std::int64_t num_parameters = 0, num_trained = 0;  ///< of the model
  std::int64_t weights = 0;                          ///< between two layers
  std::int64_t optimizer = 0;                        ///< its state
  std::int64_t gradients = 0;                        ///< after the last pass
  std::int64_t in_flight =
      0;            ///< the most beyond these at any time: gathered weights, gradients on their way
  Traffic traffic;  ///< of an update without log, evaluation and checkpoint

  std::int64_t held() const { return weights + optimizer + gradients; }
};

/// Plays process `rank` of `size`: runs what shares the work of a run, and makes its optimizer, on tensors
/// without memory.
PaperStep play_step(const PaperRun& run, Components& components, std::int64_t rank, std::int64_t size);

}  // namespace sift
