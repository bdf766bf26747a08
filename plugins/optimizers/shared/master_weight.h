#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace optimizers {

/// The option master_weights, for weights of fewer bits than float32, which lose small updates.
inline constexpr const char* kMasterWeightsHelp =
    "how an update reaches bfloat16 weights: rounded to nearest (none), through float32 copies that are kept "
    "(float32), or rounded up or down at random (stochastic)";

/// A weight as its updates see it.
class MasterWeight {
 public:
  /// `mode`: the option master_weights. `in_float32`: an update is computed in float32 even with "none".
  MasterWeight(const at::Tensor& weight, const std::string& mode, bool in_float32);

  /// The tensor to update in place: the weight itself, or a float32 tensor that store() rounds into it.
  at::Tensor load() const;
  /// `key` determines the random bits of stochastic rounding.
  void store(const at::Tensor& updated, std::uint64_t key) const;
  /// The float32 copy that is kept; undefined if there is none.
  const at::Tensor& kept() const { return kept_; }

 private:
  at::Tensor weight_, kept_;
  bool is_direct_;      ///< updates change the weight itself
  bool is_stochastic_;  ///< store() rounds at random
};

/// Rounds float32 `values` to bfloat16: up or down, with a chance that makes the mean exact. Equal keys give
/// equal results. Values that are not finite are rounded to nearest.
at::Tensor stochastically_rounded(const at::Tensor& values, std::uint64_t key);

}  // namespace optimizers
