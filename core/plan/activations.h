#pragma once

#include <cstdint>

#include "config/configured_components.h"
#include "model/model_config.h"

namespace sift {

/// What a run does with the tensors that backward needs.
struct ActivationOptions {
  std::int64_t tokens = 0;  ///< of a pass
  at::ScalarType dtype = at::kFloat;
  bool bf16 = false;             ///< autocast of float32 weights
  std::int64_t checkpoint = 0;   ///< every this many layers is recomputed; 0: none
  bool keeps_attention = false;  ///< of those
  bool offloads = false;

  /// The memory strategies of a run.
  void use(const ConfiguredComponent& memory);
};

/// Bytes that a forward and backward pass needs at most beside weights and gradients: what backward needs,
/// the gradients of hidden states, and the buffers of the loss. An estimate: attention is taken to keep no
/// scores, experts to get equally many tokens.
std::int64_t estimate_activations(const ModelConfig& model, const ActivationOptions& options);

}  // namespace sift
