#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/decoder/load_balancing_loss.h"
#include "model/decoder/rope.h"
#include "model/generate/key_value_cache.h"
#include "ops/attention.h"
#include "ops/context_attention.h"
#include "ops/dropout.h"

namespace sift {

/// State shared by all layers of a forward pass.
struct LayerContext {
  RotaryTables rotary;
  RotaryTables sliding_rotary;  ///< for the layers that have a sliding window; may equal `rotary`
  std::vector<std::int64_t> document_starts;      ///< where each document starts, and N
  std::shared_ptr<const ContextTokens> whole;     ///< set if the N tokens are a part of these
  std::shared_ptr<SharedWindowMask> window_mask;  ///< for the layers that have a sliding window
  KeyValueCache* cache = nullptr;  ///< set when generating: the tokens continue the cached document
  std::shared_ptr<LoadBalancingLoss> balance;  ///< set if the experts' load-balancing loss is computed
  DropoutSeed dropout;                         ///< of an adapter, set in training
};

}  // namespace sift
