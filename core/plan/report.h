#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "plan/paper_step.h"
#include "plan/step_time.h"

namespace sift {

/// A run as one number of processes would share it.
struct PlannedSize {
  std::int64_t processes = 1;
  PaperStep step;
  StepTime time;
  std::vector<std::string> fitting;  ///< with a limit of memory: the other strategies that keep to it

  /// Of a process, in bytes. `activations`: estimate_activations().
  std::int64_t memory(std::int64_t activations) const { return step.held() + step.in_flight + activations; }
};

/// What `sift plan` shows.
struct RunPlan {
  std::string model;  ///< "LlamaForCausalLM in smollm2"
  std::string dtype, optimizer, strategy;
  std::int64_t rows = 0;  ///< of a process in an update
  std::int64_t tokens_per_row = 0;
  std::int64_t passes = 0, tokens_per_pass = 0;
  std::int64_t activations = 0;  ///< bytes
  std::optional<double> memory_gib;
  Speeds speeds;
  std::vector<PlannedSize> sizes;

  std::int64_t tokens() const { return rows * tokens_per_row; }
  /// Whether a process keeps to memory_gib, which must be set.
  bool fits(const PlannedSize& size) const;
};

/// Tables for people.
std::string to_text(const RunPlan& plan);
/// The same for programs: bytes and seconds.
nlohmann::ordered_json to_json(const RunPlan& plan);

}  // namespace sift
