#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/decoder/model_weights.h"
#include "model/lora/lora_options.h"
#include "model/lora/lora_targets.h"
#include "model/weights/parameter.h"

namespace sift {

/// A parameter that an adapter adds to a model, or one of the model that is trained whole.
struct AdapterParameter {
  std::string name;                 ///< "model.layers.0.self_attn.q_proj.lora_A.weight"
  std::string file_name;            ///< in adapter_model.safetensors
  std::vector<std::int64_t> shape;  ///< of the parameter
  /// The parameter that precedes it in the order of transformers' named_parameters(); empty for a parameter
  /// of the model itself.
  std::string after;

  /// Whether the adapter adds it, always in float32; one of the model keeps the model's type.
  bool is_added() const { return !after.empty(); }
};

/// What [lora] does to a model: which parameters it adds and which it trains. It holds no tensors.
class Adapter {
 public:
  /// Throws Error for names that match nothing.
  Adapter(LoraOptions options, const ModelConfig& config);

  const LoraOptions& options() const { return options_; }
  const std::vector<LoraTarget>& targets() const { return targets_; }
  /// All that are trained and saved.
  const std::vector<AdapterParameter>& parameters() const { return parameters_; }
  /// Whether the head of a tied model gets a weight of its own, since one of the two is trained whole.
  bool unties_head() const { return unties_head_; }

  /// Whether the lookup of the embedding has an adapter.
  bool adapts_embedding() const;
  /// Whether it takes values from weights of the model when it is added to it, or trains some of them.
  bool needs_weights() const;

  /// Adds the parameters with their initial values and freezes all others. The same seed gives the same
  /// values on every device. With init_lora_weights = "pissa" the weights of targets change.
  void add_to(std::vector<Parameter>& parameters, std::uint64_t seed) const;
  /// What it adds to the weights, by module or, for experts, parameter.
  std::map<std::string, LowRank> updates(const ModelWeights& weights) const;

 private:
  void plan_targets(const ModelConfig& config);
  void plan_whole(const ModelConfig& config);
  void plan_tokens(const ModelConfig& config);

  LoraOptions options_;
  std::vector<LoraTarget> targets_;
  std::vector<AdapterParameter> parameters_;
  bool unties_head_ = false;
};

/// The module whose Linear, or the parameter whose ExpertLinear, applies the update.
std::string update_name(const AdaptableWeight& weight);

}  // namespace sift
