#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <sift/export.h>
#include <sift/saved_tensors.h>
#include <sift/stateful.h>
#include <sift/tensors.h>

namespace sift {

/// One decoder layer as a function of its hidden states: [N, H] -> [N, H]. It may be called again in
/// backward; it then gives the same result, dropout included, when the generator state is the same.
struct Layer {
  std::int64_t index = 0;
  std::int64_t num_layers = 0;
  std::function<at::Tensor(const at::Tensor& hidden_nh)> forward;
};

/// What a strategy may want to know of the step that begins.
struct StepInfo {
  /// Every weight of the model, frozen ones included: they are in memory anyway, so there is nothing to save.
  const std::vector<at::Tensor>& weights;
};

/// Lives from before a forward pass of a micro-batch, or of a group of its documents (max_tokens_per_pass in
/// [train]), until after its backward pass, exceptions included.
class SIFT_API StepScope {
 public:
  virtual ~StepScope();
};

/// A way to train in less memory. It wraps, it never edits the model: loss and gradients are bit for bit
/// those of a run without it. Strategies stack: the first of the configuration is the outermost.
class SIFT_API MemoryStrategy : public Stateful {
 public:
  ~MemoryStrategy() override;
  /// In evaluation as well, then without autograd: there is nothing to save there.
  virtual at::Tensor run_layer(const Layer& layer, const at::Tensor& hidden_nh) {
    return layer.forward(hidden_nh);
  }
  /// Called before each forward pass of training. A SavedTensorScope belongs in here.
  virtual std::unique_ptr<StepScope> step_scope(const StepInfo&) { return nullptr; }
};

}  // namespace sift
