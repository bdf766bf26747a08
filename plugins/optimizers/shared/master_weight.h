#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <sift/options.h>

namespace optimizers {

/// Adds the option master_weights, for weights of fewer bits than float32, which lose small updates.
template <class Options>
void add_master_weights(sift::Schema<Options>& schema,
                        sift::Range range = sift::one_of({"none", "float32", "stochastic"})) {
  schema.add(
      "master_weights", &Options::master_weights,
      "how an update reaches bfloat16 weights: rounded to nearest (none), through float32 copies that are "
      "kept (float32), or rounded up or down at random (stochastic)",
      std::move(range));
}

/// A weight as its updates see it.
class MasterWeight {
 public:
  /// `mode`: the option master_weights. `in_float32`: an update is computed in float32 even with "none".
  MasterWeight(const at::Tensor& weight, const std::string& mode, bool in_float32);

  /// The tensor to update in place: the weight itself, or a float32 tensor that store() rounds into it.
  at::Tensor load() const;
  /// `key` determines the random bits of stochastic rounding.
  void store(const at::Tensor& updated, std::uint64_t key) const;
  /// The float32 copy; undefined if the weight has none.
  const at::Tensor& kept() const { return kept_; }
  /// Whether load() is the weight itself.
  bool is_direct() const { return is_direct_; }

 private:
  at::Tensor weight_, kept_;
  bool is_direct_;      ///< updates change the weight itself
  bool is_stochastic_;  ///< store() rounds at random
};

/// The keys of the updates of a run, which depend on its seed, the step and the parameter.
class UpdateKeys {
 public:
  UpdateKeys(std::int64_t seed, const std::string& mode)
      : seed_(static_cast<std::uint64_t>(seed)), are_used_(mode == "stochastic") {}

  void begin_step() { ++num_steps_; }
  /// `number`: of the parameter.
  std::uint64_t key(std::size_t number) const;
  /// For Optimizer::state(): empty if the keys are not used.
  std::string state() const { return are_used_ ? std::to_string(num_steps_) : ""; }
  void load_state(const std::string& bytes) { num_steps_ = std::stoull(bytes); }

 private:
  std::uint64_t seed_, num_steps_ = 0;
  bool are_used_;
};

/// Rounds float32 `values` to bfloat16: up or down, with a chance that makes the mean exact. Equal keys give
/// equal results. Values that are not finite are rounded to nearest.
at::Tensor stochastically_rounded(const at::Tensor& values, std::uint64_t key);

}  // namespace optimizers
