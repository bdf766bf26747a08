#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/lora/lora_options.h"
#include "model/lora/module_paths.h"

namespace sift {

/// A weight that gets an adapter.
struct LoraTarget {
  AdaptableWeight weight;
  std::int64_t r = 0;
  double scale = 0.0;  ///< of the product of the two matrices
};

/// The weights that [lora] names, in the order of the model, by the rules of PEFT 0.21
/// (tuners_utils.check_target_module_exists). Throws Error for a name or a pattern that matches nothing, and
/// lists what there is.
std::vector<LoraTarget> find_lora_targets(const LoraOptions& options, const ModelConfig& config);

/// The modules that modules_to_save names. Throws Error for a name that matches none.
std::vector<std::string> find_modules_to_save(const LoraOptions& options, const ModelConfig& config);

}  // namespace sift
