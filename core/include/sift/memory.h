#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <sift/export.h>
#include <sift/saved_tensors.h>
#include <sift/stateful.h>
#include <sift/tensors.h>

namespace sift {

/// One decoder layer as a function of the hidden states: [N, H] -> [N, H]. It may be called again in
/// backward; with the same generator state the result is the same, dropout included.
struct Layer {
  std::int64_t index = 0;
  std::int64_t num_layers = 0;
  std::function<at::Tensor(const at::Tensor& hidden_nh)> forward;
};

/// Passed to a strategy before a forward pass. Valid during the call only.
struct StepInfo {
  /// All weights of the model, frozen ones included. They are in memory anyway, so offloading them saves
  /// nothing.
  const std::vector<at::Tensor>& weights;
};

/// RAII scope of one training pass: created before the forward pass of a micro-batch (or of a group of its
/// documents, see max_tokens_per_pass in [train]), destroyed after its backward pass, also on an exception.
class SIFT_API StepScope {
 public:
  virtual ~StepScope();
};

/// A strategy that reduces memory use. It wraps the layers and never changes the model: loss and gradients
/// must be bit-identical to a run without it. Strategies nest; the first one in the configuration is the
/// outermost.
class SIFT_API MemoryStrategy : public Stateful {
 public:
  ~MemoryStrategy() override;
  /// Runs one layer; [N, H] -> [N, H]. Also called in evaluation, with autograd off, where no tensors are
  /// saved.
  virtual at::Tensor run_layer(const Layer& layer, const at::Tensor& hidden_nh) {
    return layer.forward(hidden_nh);
  }
  /// Called before each forward pass in training; nullptr if no scope is needed. The returned scope is the
  /// place for a SavedTensorScope.
  virtual std::unique_ptr<StepScope> step_scope(const StepInfo&) { return nullptr; }
};

}  // namespace sift
