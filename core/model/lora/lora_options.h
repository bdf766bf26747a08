#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sift/options.h>

namespace sift {

/// The section [lora]: names and defaults of PEFT's LoraConfig. What PEFT takes as a list or a string has an
/// option for each.
struct LoraOptions {
  std::int64_t r = 8;
  double lora_alpha = 8;
  double lora_dropout = 0.0;
  std::optional<std::vector<std::string>> target_modules;  ///< not set: those of PEFT for the model's type
  std::string target_modules_regex;
  std::vector<std::string> exclude_modules;
  std::string exclude_modules_regex;
  std::vector<std::int64_t> layers_to_transform;
  std::vector<std::string> layers_pattern;
  ScalarTable rank_pattern;
  ScalarTable alpha_pattern;
  std::vector<std::string> target_parameters;
  std::vector<std::string> modules_to_save;
  std::vector<std::int64_t> trainable_token_indices;
  std::string bias = "none";
  bool use_rslora = false;
  bool use_dora = false;
  std::string init_lora_weights = "true";
  std::string adapter_path;

  static void describe(Schema<LoraOptions>& schema);

  /// Whether target_modules means every linear layer.
  bool targets_all_linear() const {
    return target_modules && *target_modules == std::vector<std::string>{"all-linear"};
  }
};

}  // namespace sift
