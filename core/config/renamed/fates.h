#pragma once

#include <map>
#include <string>

namespace sift {

/// Names and what became of them. An answer continues a sentence that starts with the name.
using Fates = std::map<std::string, std::string>;

// The names that Sift's schema lacks, by what they are about.
const Fates& fates_of_model();      ///< weights, adapters, quantisation, kernels
const Fates& fates_of_data();       ///< data sets, rows, batches
const Fates& fates_of_training();   ///< steps, optimizer, precision, evaluation
const Fates& fates_of_reports();    ///< logs, checkpoints, uploads
const Fates& fates_of_processes();  ///< several devices, launchers

}  // namespace sift
