#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <utility>

#include "ops/base_weight.h"
#include "ops/low_rank.h"

namespace sift {

using TensorsByName = std::map<std::string, at::Tensor>;

/// The weights that the parts of a model take by name, and what an adapter adds to them.
struct ModelWeights {
  // NOLINTNEXTLINE(google-explicit-constructor): tensors alone are a model without an adapter
  ModelWeights(TensorsByName by_name) : tensors(std::move(by_name)) {}

  const at::Tensor& at(const std::string& name) const { return tensors.at(name); }
  /// Undefined if no tensor has this name.
  at::Tensor find(const std::string& name) const {
    const auto found = tensors.find(name);
    return found == tensors.end() ? at::Tensor() : found->second;
  }
  /// The matrix of this name, in 4 bits or not.
  BaseWeight base(const std::string& name) const {
    const auto found = quantized.find(name);
    return found == quantized.end() ? BaseWeight{tensors.at(name), nullptr} : found->second;
  }
  /// Of the module or, for experts, the parameter `name`; empty if it has none.
  LowRank update_of(const std::string& name) const {
    const auto found = updates.find(name);
    return found == updates.end() ? LowRank() : found->second;
  }

  TensorsByName tensors;
  std::map<std::string, BaseWeight> quantized;
  std::map<std::string, LowRank> updates;
};

}  // namespace sift
